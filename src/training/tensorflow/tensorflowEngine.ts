import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { UserError } from '../../core/userError.ts';
import type { TrainingEngine } from '../trainingEngine.ts';
import { tensorEngine } from './tensorEngine.ts';
import { BINDING_FILE, loadTensorFlow } from './tensorflowLibrary.ts';

/** Where TensorFlow is, and how it is to work. */
export interface TensorFlowOptions {
  /** An installation, see `install/`. */
  readonly directory: string;
  /** Processor threads, at least 1; a process keeps those that it was first given. */
  readonly threads: number;
}

/** Training on libtensorflow, as TensorFlow.js for Node drives it. @throws UserError ENGINE_NOT_INSTALLED */
export async function openTensorFlowEngine({ directory, threads }: TensorFlowOptions): Promise<TrainingEngine> {
  try {
    await placeBinding(directory);
    const { version, update } = await loadTensorFlow(directory, threads);
    return tensorEngine({ '@tensorflow/tfjs-core': tf.version_core, libtensorflow: version }, update);
  } catch (cause) {
    throw new UserError(
      'ENGINE_NOT_INSTALLED',
      'TensorFlow could not be loaded: install the TensorFlow engine again, or train with the engine onnxruntime, which needs nothing to be installed.',
      { cause },
    );
  }
}

/** The binding looks for the libraries where it is itself; that of another version of Caselight is replaced. */
async function placeBinding(directory: string): Promise<void> {
  const placed = path.join(directory, BINDING_FILE);
  const shipped = await readFile(path.join(__dirname, BINDING_FILE));
  const earlier = await readFile(placed).catch(() => undefined);
  if (earlier?.equals(shipped)) return;
  // Another process may have the earlier one in use: it is put aside, not written over.
  const incoming = `${placed}.${process.pid}`;
  await writeFile(incoming, shipped);
  await rename(incoming, placed);
}
