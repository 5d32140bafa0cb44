import { createRequire } from 'node:module';
import path from 'node:path';
import util from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-node/dist/register_all_kernels.js';
import { NodeJSKernelBackend } from '@tensorflow/tfjs-node/dist/nodejs_kernel_backend.js';
import type { TFJSBinding } from '@tensorflow/tfjs-node/dist/tfjs_binding.js';

/** The file of the Node-API binding, which finds the libraries beside it. */
export const BINDING_FILE = 'tfjs_binding.node';

const BACKEND = 'tensorflow';

/**
 * Loads libtensorflow into this process and sets it as TensorFlow.js's backend. From then on the calling thread takes no signals:
 * see `binding/libraryLoader.cc`.
 * @param directory holds the libraries and the binding
 * @param threads a process keeps those that it was first given
 * @returns the version of libtensorflow
 */
export async function loadTensorFlow(directory: string, threads: number): Promise<string> {
  // Read by the library as it is loaded. Only errors go to stderr.
  process.env.TF_NUM_INTRAOP_THREADS = String(threads);
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  // By itself it takes oneDNN's matrix multiplication, a fifth faster, on the newest processors only.
  process.env.TF_ENABLE_ONEDNN_OPTS ??= '1';
  restoreOldUtilities();
  const require = createRequire(__filename);
  const loader: { load(library: string): void } = require('./tensorflow_loader.node');
  loader.load(path.join(directory, 'libtensorflow.so.2'));
  const binding: TFJSBinding = require(path.join(directory, BINDING_FILE));
  if (tf.findBackend(BACKEND) === null) {
    const backend = new NodeJSKernelBackend(binding, '@tensorflow/tfjs-node');
    tf.registerBackend(BACKEND, () => backend);
  }
  await tf.setBackend(BACKEND);
  return binding.TF_Version;
}

/** Node 23 took away what tfjs-node 4.22 still calls. */
function restoreOldUtilities(): void {
  const old = util as unknown as Record<string, unknown>;
  old.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  old.isArray ??= Array.isArray;
}
