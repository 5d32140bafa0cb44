import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseBertConfig } from '../../../src/checkpoint/bertConfig.ts';
import { huggingFaceNames } from '../../../src/checkpoint/bertTensors.ts';
import { trainingEngines } from '../../support/trainingEngines.ts';
import { sessionOf } from '../../support/trainingSessions.ts';

interface Steps {
  readonly optimizer: 'adam' | 'adamw';
  readonly weightDecay: number;
  readonly clipNorm: number | null;
  readonly steps: readonly { readonly loss: number; readonly gradientNorm: number }[];
  readonly firstStepGradientNorms: Readonly<Record<string, number>>;
  readonly normsAfter: Readonly<Record<string, number>>;
}

const fixture = JSON.parse(readFileSync('test/fixtures/training.json', 'utf8')) as {
  readonly learningRate: number;
  readonly batches: readonly { sequences: number[][]; labels: number[]; shares: number[] }[];
  readonly models: Readonly<Record<string, readonly Steps[]>>;
};

const cases = Object.entries(fixture.models).flatMap(([model, runs]) =>
  runs.map((run) => [model, run.optimizer, run] as const),
);
const norm = (values: Float32Array, factor = 1) =>
  factor * Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
const relative = (actual: number, expected = Number.NaN) => Math.abs(actual - expected) / Math.abs(expected);

describe.each(trainingEngines)(
  'the steps of PyTorch in float64 (test/oracles/training.py), followed by %s',
  (_, open) => {
    it.each(cases)('are the same: %s with %s', async (model, optimizer, run) => {
      const { weightDecay, clipNorm } = run;
      const directory = `test/fixtures/architectures/${model}`;
      const session = await sessionOf(await open(), directory, {
        optimizer: { optimizer, weightDecay, ...(clipNorm === null ? {} : { clipNorm }) },
      });
      const names = huggingFaceNames(parseBertConfig(readFileSync(`${directory}/config.json`, 'utf8')));
      for (const [index, { sequences, labels, shares }] of fixture.batches.entries()) {
        const { loss, gradientNorm } = await session.step(
          {
            sequences: sequences.map((ids) => Int32Array.from(ids)),
            labels: Int32Array.from(labels),
            shares: Float32Array.from(shares),
          },
          { learningRate: fixture.learningRate, dropoutSeed: 0 },
        );
        expect(relative(loss, run.steps[index]?.loss)).toBeLessThan(1e-5);
        expect(relative(gradientNorm, run.steps[index]?.gradientNorm)).toBeLessThan(1e-5);
        if (index > 0) continue;
        // After one step the first moment is a tenth of the gradient, clipped.
        const clipped = Math.min(1, (clipNorm ?? Number.POSITIVE_INFINITY) / (gradientNorm + 1e-6));
        for (const name of session.trained) {
          if (name.endsWith('.key.bias')) continue;
          const { first } = await session.moments(name);
          expect(
            relative(norm(first, 10 / clipped), run.firstStepGradientNorms[names.get(name) ?? '']),
            name,
          ).toBeLessThan(1e-4);
        }
      }
      for (const name of session.trained) {
        // A key's bias adds the same to all scores of a query, which softmax does not see: its gradient is rounding alone.
        if (name.endsWith('.key.bias')) continue;
        expect(relative(norm(await session.weights(name)), run.normsAfter[names.get(name) ?? '']), name).toBeLessThan(
          1e-5,
        );
      }
      await session.dispose();
    });
  },
);
