import { describe, expect, it } from 'vitest';
import type { BertConfig } from '../../../src/checkpoint/bertConfig.ts';
import { seededRandom } from '../../../src/core/seededRandom.ts';
import type { TrainingScope } from '../../../src/core/training/trainingRecipe.ts';
import type { TrainingBatch } from '../../../src/training/trainingEngine.ts';
import { tinyConfig, tinyConfigs } from '../../support/tinyConfig.ts';
import { trainingEngines } from '../../support/trainingEngines.ts';
import { randomSession } from '../../support/trainingSessions.ts';

const sequences = [
  [1, 5, 6, 7, 2],
  [1, 8, 2],
  [1, 9, 10, 5, 5, 11, 2],
].map((ids) => Int32Array.from(ids));
const tokens = sequences.reduce((sum, { length }) => sum + length, 0);

function batchFor(scope: TrainingScope, { hiddenSize }: BertConfig): TrainingBatch {
  const { normal } = seededRandom(7);
  const rows = { full: 0, head: sequences.length }[scope as string] ?? tokens;
  return {
    sequences,
    ...(rows === 0 ? {} : { frozen: Float32Array.from({ length: rows * hiddenSize }, () => normal()) }),
    labels: Int32Array.of(2, 0, 1),
    shares: Float32Array.of(0.2, 0.5, 0.3),
  };
}

const cases: [string, BertConfig, TrainingScope, number][] = [
  ...Object.values(tinyConfigs).map((config): [string, BertConfig, TrainingScope, number] => [
    config.architecture,
    config,
    'full',
    0,
  ]),
  ['bert with dropout', tinyConfig, 'full', 0.3],
  ['the last layer', tinyConfig, 'last-1', 0.3],
  ['both layers', tinyConfig, 'last-2', 0],
  ['the head', tinyConfig, 'head', 0.3],
  ['gelu_new', { ...tinyConfig, hiddenAct: 'gelu_new' }, 'full', 0],
  ['relu', { ...tinyConfig, hiddenAct: 'relu' }, 'last-2', 0],
];

describe.each(trainingEngines)('the gradients of %s', (_, open) => {
  it.each(cases)('are what finite differences say: %s', async (_, config, scope, dropout) => {
    const batch = batchFor(scope, config);
    const engine = await open();
    const session = await randomSession(engine, config, { scope, dropout });
    const lossAt = async () => (await session.step(batch, { learningRate: 0, dropoutSeed: 5 })).loss;
    await lossAt();
    const gradients = new Map<string, Float32Array>();
    for (const name of session.trained)
      gradients.set(
        name,
        (await session.moments(name)).first.map((value) => value * 10),
      );
    const { uniform } = seededRandom(3);
    let compared = 0;
    for (const [name, gradient] of gradients) {
      const weights = await session.weights(name);
      const zeros = { first: new Float32Array(weights.length), second: new Float32Array(weights.length) };
      // The element of the largest gradient, and one at random.
      const largest = gradient.reduce(
        (best, value, index) => (Math.abs(value) > Math.abs(gradient[best] ?? 0) ? index : best),
        0,
      );
      for (const element of [largest, Math.floor(uniform() * weights.length)]) {
        const step = 4e-3;
        const losses: number[] = [];
        for (const sign of [1, -1]) {
          const moved = weights.slice();
          moved[element] = (moved[element] ?? 0) + sign * step;
          await session.restore(name, moved, zeros);
          losses.push(await lossAt());
        }
        await session.restore(name, weights, zeros);
        const slope = ((losses[0] ?? 0) - (losses[1] ?? 0)) / (2 * step);
        expect(Math.abs(slope - (gradient[element] ?? 0)), `${name}[${element}]`).toBeLessThan(
          2e-3 + 0.01 * Math.abs(slope),
        );
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(7);
    await session.dispose();
  });
});
