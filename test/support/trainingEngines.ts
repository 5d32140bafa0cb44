import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { cacheDirectory } from '../../src/cli/cacheDirectory.ts';
import { openOnnxRuntimeEngine } from '../../src/training/onnxruntime/onnxRuntimeEngine.ts';
import { requireTensorFlow } from '../../src/training/tensorflow/install/installation.ts';
import { tensorEngine } from '../../src/training/tensorflow/tensorEngine.ts';
import type { TrainingEngine } from '../../src/training/trainingEngine.ts';

/** `npm run test:tensorflow` holds the installed TensorFlow, and not the others once more. */
const isReal = process.env.CASELIGHT_TEST_TENSORFLOW !== undefined;

/** The engines that a test of training is for: a name, and what opens it. */
export const trainingEngines: readonly (readonly [string, () => Promise<TrainingEngine>])[] = isReal
  ? [['tensorflow', openInstalledEngine]]
  : [
      ['onnxruntime', openOnnxRuntimeEngine],
      ["TensorFlow.js's own backend", openPlainEngine],
    ];

/** The operators of the engine tensorflow, computed by TensorFlow.js in JavaScript. */
async function openPlainEngine(): Promise<TrainingEngine> {
  await tf.setBackend('cpu');
  return tensorEngine({ '@tensorflow/tfjs-core': tf.version_core });
}

/** The engine as it is shipped: the bundle. */
async function openInstalledEngine(): Promise<TrainingEngine> {
  const bundle: typeof import('../../src/training/tensorflow/tensorflowEngine.ts') = createRequire(import.meta.url)(
    '../../dist/tensorflow.js',
  );
  const { folder } = await requireTensorFlow(cacheDirectory());
  return bundle.openTensorFlowEngine({ directory: folder, threads: 2 });
}
