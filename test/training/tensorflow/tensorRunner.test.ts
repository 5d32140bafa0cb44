import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { tensorEngine } from '../../../src/training/tensorflow/tensorEngine.ts';
import { tinyConfig } from '../../support/tinyConfig.ts';
import { randomSession } from '../../support/trainingSessions.ts';

const sequences = [Int32Array.of(1, 5, 6, 7, 2), Int32Array.of(1, 8, 2)];
const batch = { sequences, labels: Int32Array.of(2, 0), shares: Float32Array.of(0.5, 0.5) };

describe('the memory of the engine tensorflow', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it('is given back after every step and prediction', async () => {
    const before = tf.memory().numTensors;
    const session = await randomSession(tensorEngine({}), tinyConfig, { dropout: 0.1 });
    for (let step = 0; step < 3; step++) {
      await session.step(batch, { learningRate: 1e-3, dropoutSeed: step });
      await session.predict({ sequences });
    }
    await session.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('is given back where a step fails, which ends with a sentence', async () => {
    const before = tf.memory().numTensors;
    const session = await randomSession(tensorEngine({}), tinyConfig, { scope: 'last-1' });
    // What the frozen layers made is missing.
    const failing = session.step(batch, { learningRate: 1e-3, dropoutSeed: 1 });
    await expect(failing).rejects.toMatchObject({ code: 'TRAINING_FAILED' });
    await session.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
