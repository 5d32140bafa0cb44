import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseBertConfig } from '../../../src/checkpoint/bertConfig.ts';
import { findClassifierWeights } from '../../../src/checkpoint/bertWeights.ts';
import { openCheckpoint } from '../../../src/checkpoint/openCheckpoint.ts';
import { scanCsv } from '../../../src/core/csv/csvScanner.ts';
import { loadTokenizer } from '../../../src/tokenizer/loadTokenizer.ts';
import { trainingEngines } from '../../support/trainingEngines.ts';

const FORMATS = path.resolve('../shared/data/tiny_models/formats');
const RECORDS = path.resolve('../shared/data/vaers_balanced_train650.csv');

interface GoldenRun {
  readonly optimizer: 'adam' | 'adamw';
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly clipNorm: number | null;
  readonly maxLength: number;
  readonly firstStepGradientNorms: Readonly<Record<string, number>>;
  readonly steps: readonly {
    rows: number[];
    labels: number[];
    tokens: number;
    loss: number;
    gradientNorm: number;
    logits0: number[];
  }[];
  readonly parameterNormsAfter: Readonly<Record<string, number>>;
  readonly logitsAfterOnFirstSixGoldenTexts: readonly (readonly number[])[];
}

const norm = (values: Float32Array) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
const relative = (actual: number, expected: number) =>
  Math.abs(actual - expected) / Math.max(1e-12, Math.abs(expected));

// Real narratives, which are not part of the project: elsewhere `pytorchSteps.test.ts` holds the engines.
describe.skipIf(!existsSync(FORMATS) || !existsSync(RECORDS))('twelve steps of PyTorch in float64', () => {
  const { runs } = (
    existsSync(FORMATS) ? JSON.parse(readFileSync(path.join(FORMATS, 'golden_training.json'), 'utf8')) : { runs: [] }
  ) as { runs: GoldenRun[] };

  const cases = trainingEngines.flatMap(([name, open]) => runs.map((run) => [name, run.optimizer, run, open] as const));
  it.each(cases)('are followed by %s with %s', async (_, __, run, open) => {
    const directory = path.join(FORMATS, 'tiny_seriousness');
    const config = parseBertConfig(readFileSync(path.join(directory, 'config.json'), 'utf8'));
    const source = await openCheckpoint(directory);
    const { sourceNames } = findClassifierWeights(source, config);
    const tokenizer = await loadTokenizer(directory);
    const table = scanCsv(readFileSync(RECORDS, 'utf8'));
    const encode = (text: string) => Int32Array.from(tokenizer.encode(text, run.maxLength).inputIds);
    const engine = await open();
    const session = await engine.open({
      config,
      readWeights: (name) => source.read(sourceNames.get(name) ?? ''),
      scope: 'full',
      optimizer: {
        optimizer: run.optimizer,
        weightDecay: run.weightDecay,
        ...(run.clipNorm === null ? {} : { clipNorm: run.clipNorm }),
      },
      dropout: 0,
      threads: 2,
    });
    for (const step of run.steps) {
      const sequences = step.rows.map((row) => encode(table.value(row, 2) ?? ''));
      expect(sequences.reduce((sum, { length }) => sum + length, 0)).toBe(step.tokens);
      const result = await session.step(
        {
          sequences,
          labels: Int32Array.from(step.labels),
          shares: new Float32Array(step.rows.length).fill(1 / step.rows.length),
        },
        { learningRate: run.learningRate, dropoutSeed: 1 },
      );
      expect(relative(result.loss, step.loss)).toBeLessThan(1e-4);
      expect(relative(result.gradientNorm, step.gradientNorm)).toBeLessThan(1e-4);
    }
    for (const name of session.trained) {
      // A key's bias adds the same to all scores of a query, which softmax does not see: its gradient is rounding alone.
      if (name.endsWith('.key.bias')) continue;
      const after = norm(await session.weights(name));
      expect(relative(after, run.parameterNormsAfter[name] ?? Number.NaN), name).toBeLessThan(1e-5);
    }
    const golden = JSON.parse(readFileSync(path.join(FORMATS, 'golden_logits.json'), 'utf8')) as {
      cases: { inputIds: number[] }[];
    };
    const sequences = golden.cases.slice(0, 6).map(({ inputIds }) => Int32Array.from(inputIds));
    const logits = await session.predict({ sequences });
    for (const [index, expected] of run.logitsAfterOnFirstSixGoldenTexts.flat().entries()) {
      expect(Math.abs((logits[index] ?? Number.NaN) - expected)).toBeLessThan(1e-4);
    }
    await session.dispose();
    await source.close();
  });
});
