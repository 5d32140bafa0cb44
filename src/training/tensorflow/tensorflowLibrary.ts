import { createRequire } from 'node:module';
import path from 'node:path';
import util from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-node/dist/register_all_kernels.js';
import { NodeJSKernelBackend } from '@tensorflow/tfjs-node/dist/nodejs_kernel_backend.js';
import type { TFJSBinding } from '@tensorflow/tfjs-node/dist/tfjs_binding.js';
import type { UpdateTensor } from '../network/adam.ts';
import { adamConstants } from '../trainingEngine.ts';

/** The file of the Node-API binding, which finds the libraries beside it. */
export const BINDING_FILE = 'tfjs_binding.node';

const BACKEND = 'tensorflow';

/** What `binding/addon.cc` exports. */
interface Addon {
  load(library: string): void;
  /** @param step beta1, beta2, epsilon, step size, inverse correction, gradient scale, what weight decay leaves, threads */
  applyAdam(
    weights: Float32Array,
    first: Float32Array,
    second: Float32Array,
    gradient: Float32Array,
    step: Float64Array,
  ): void;
}

/** What comes with the library. */
export interface LoadedTensorFlow {
  /** Of libtensorflow. */
  readonly version: string;
  /** Adam in native code. */
  readonly update: UpdateTensor;
}

/**
 * Loads libtensorflow into this process and sets it as TensorFlow.js's backend. From then on the calling thread takes no signals:
 * see `binding/libraryLoader.cc`.
 * @param directory holds the libraries and the binding
 * @param threads a process keeps those that it was first given
 */
export async function loadTensorFlow(directory: string, threads: number): Promise<LoadedTensorFlow> {
  // Read by the library as it is loaded. Only errors go to stderr.
  process.env.TF_NUM_INTRAOP_THREADS = String(threads);
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  // By itself it takes oneDNN's matrix multiplication, a fifth faster, on the newest processors only.
  process.env.TF_ENABLE_ONEDNN_OPTS ??= '1';
  restoreOldUtilities();
  const require = createRequire(__filename);
  const addon: Addon = require('./tensorflow_addon.node');
  addon.load(path.join(directory, 'libtensorflow.so.2'));
  const binding: TFJSBinding = require(path.join(directory, BINDING_FILE));
  if (tf.findBackend(BACKEND) === null) {
    const backend = new NodeJSKernelBackend(binding, '@tensorflow/tfjs-node');
    tf.registerBackend(BACKEND, () => backend);
  }
  await tf.setBackend(BACKEND);
  return {
    version: binding.TF_Version,
    update: (weights, { first, second }, gradient, { stepSize, inverseCorrection, gradientScale }, keep) => {
      const { beta1, beta2, epsilon } = adamConstants;
      const step = [beta1, beta2, epsilon, stepSize, inverseCorrection, gradientScale, keep, threads];
      addon.applyAdam(weights, first, second, gradient, Float64Array.from(step));
    },
  };
}

/** Node 23 took away what tfjs-node 4.22 still calls. */
function restoreOldUtilities(): void {
  const old = util as unknown as Record<string, unknown>;
  old.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  old.isArray ??= Array.isArray;
}
