import { createHash } from 'node:crypto';
import { copyFile, link, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { BertConfig } from '../checkpoint/bertConfig.ts';
import { type BertWeights, findClassifierWeights } from '../checkpoint/bertWeights.ts';
import type { TensorSource } from '../checkpoint/tensorSource.ts';
import { throwIfCancelled } from '../core/cancellation.ts';
import { UserError } from '../core/userError.ts';
import { buildBertGraph } from '../onnx/bertGraph.ts';
import { encodeModel } from '../onnx/encodeModel.ts';
import { fullPrecisionLinears, type TensorTable } from '../onnx/linearLayers.ts';
import { quantizedLinears } from '../onnx/quantizedLinears.ts';
import { isIntact, makeFolder } from './derivedFolder.ts';
import { DerivedTensors, type TensorStep, tensorsInPlace } from './derivedTensors.ts';
import { ExternalDataFile } from './externalDataFile.ts';

/** Raise it whenever the graph or the weights come out differently: older folders are then no longer used. */
const RECIPE_VERSION = 3;
const MODEL_FILE = 'model.onnx';
const EXTERNAL_DATA_FILE = 'weights.bin';

/** `fp32` is exact; `int8` is about twice as fast and a third of the size, for logits that differ by about 0.015. */
export type Precision = 'fp32' | 'int8';

/** What to derive, from what, and where to. */
export interface DeriveOptions {
  readonly config: BertConfig;
  /** The tensors of the checkpoint; the caller closes it. */
  readonly source: TensorSource;
  /** Hash of the checkpoint's content. */
  readonly sourceHash: string;
  readonly precision: Precision;
  /** Folder for derived models, made if it is not there; anything in it may be deleted at any time. */
  readonly cacheDirectory: string;
  readonly signal?: AbortSignal;
  /** Called with the fraction done, 0 to 1, while the weights are converted. */
  readonly onProgress?: (fraction: number) => void;
}

/** An ONNX model that ONNX Runtime can load, as `OnnxClassifier.open` takes it. */
export interface DerivedModel {
  /** Path of the .onnx file; its weights lie beside it. */
  readonly modelPath: string;
  /** Name of the model's folder in the cache; the same checkpoint, recipe and precision have the same key. */
  readonly key: string;
  /** Whether it was there already. */
  readonly reused: boolean;
}

/**
 * Turns a checkpoint into an ONNX model in the cache, or finds it there. Several processes may do so at once. A model that was
 * damaged is made again; after a failure or a cancel nothing of it is left.
 * @throws UserError BAD_CHECKPOINT, NO_CLASSIFIER, CANCELLED, or IO_ERROR if the cache cannot be written
 */
export async function deriveModel(options: DeriveOptions): Promise<DerivedModel> {
  throwIfCancelled(options.signal);
  const weights = findClassifierWeights(options.source, options.config);
  const key = derivedKey(options);
  const directory = path.join(options.cacheDirectory, key);
  const modelPath = path.join(directory, MODEL_FILE);
  if (await isIntact(directory)) return { modelPath, key, reused: true };
  try {
    await makeFolder(directory, (temporary) => writeModel(temporary, weights, options));
  } catch (cause) {
    if (!isSystemError(cause)) throw cause;
    throw new UserError(
      'IO_ERROR',
      `The model cannot be prepared in the cache (${cause.code}): check that the disk has room and that you may write there.`,
      { cause },
    );
  }
  return { modelPath, key, reused: false };
}

function derivedKey({ sourceHash, precision, config }: DeriveOptions): string {
  // The configuration decides the graph, and the hash of the weights does not cover it.
  const identity = JSON.stringify([RECIPE_VERSION, sourceHash, precision, Object.entries(config).sort()]);
  return createHash('sha256').update(identity).digest('hex').slice(0, 32);
}

async function writeModel(directory: string, weights: BertWeights, options: DeriveOptions): Promise<void> {
  const tensors = await placeTensors(directory, weights, options);
  const { config, precision } = options;
  const linears = precision === 'int8' ? quantizedLinears(tensors) : fullPrecisionLinears(tensors);
  await writeFile(path.join(directory, MODEL_FILE), encodeModel(buildBertGraph(config, tensors, linears)));
  throwIfCancelled(options.signal);
  options.onProgress?.(1);
}

async function placeTensors(directory: string, weights: BertWeights, options: DeriveOptions): Promise<TensorTable> {
  const inPlace = options.precision === 'fp32' ? tensorsInPlace(weights) : undefined;
  if (inPlace !== undefined) {
    const location = path.basename(inPlace.file);
    await linkOrCopy(inPlace.file, path.join(directory, location));
    return inPlace.table(location);
  }
  const step: TensorStep = (done, total) => {
    throwIfCancelled(options.signal);
    options.onProgress?.(done / total);
  };
  const file = await ExternalDataFile.create(path.join(directory, EXTERNAL_DATA_FILE));
  try {
    const derived = new DerivedTensors(weights, options.config, file, step);
    if (options.precision === 'int8') await derived.writeQuantized();
    else await derived.writeFullPrecision();
    return derived.table;
  } finally {
    await file.close();
  }
}

/**
 * ONNX Runtime 1.30 refuses external data outside of the model's folder, symbolic links out of it included. A hard link
 * costs no room; across file systems, or where they are not to be had, a copy has to do.
 */
async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch {
    await copyFile(from, to);
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && 'syscall' in error;
}
