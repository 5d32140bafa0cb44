import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { openOnnxRuntimeEngine } from '../../src/training/onnxruntime/onnxRuntimeEngine.ts';
import { tensorEngine } from '../../src/training/tensorflow/tensorEngine.ts';
import type { TrainingEngine } from '../../src/training/trainingEngine.ts';

/** Where `npm run test:tensorflow` says that TensorFlow is installed; undefined in other tests. */
const installed = process.env.CASELIGHT_TEST_TENSORFLOW;

/** The engines that a test of training is for: a name, and what opens it. */
export const trainingEngines: readonly (readonly [string, () => Promise<TrainingEngine>])[] =
  installed === undefined
    ? [
        ['onnxruntime', openOnnxRuntimeEngine],
        ["TensorFlow.js's own backend", openPlainEngine],
      ]
    : [['tensorflow', () => openInstalledEngine(installed)]];

/** The operators of the engine tensorflow, computed by TensorFlow.js in JavaScript. */
async function openPlainEngine(): Promise<TrainingEngine> {
  await tf.setBackend('cpu');
  return tensorEngine({ '@tensorflow/tfjs-core': tf.version_core });
}

/** The engine as it is shipped: the bundle. */
async function openInstalledEngine(directory: string): Promise<TrainingEngine> {
  const bundle: typeof import('../../src/training/tensorflow/tensorflowEngine.ts') = createRequire(import.meta.url)(
    '../../dist/tensorflow.js',
  );
  return bundle.openTensorFlowEngine({ directory, threads: 2 });
}
