import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { findColumns } from '../../src/core/columns.ts';
import { scanCsv } from '../../src/core/csv/csvScanner.ts';
import type { InferenceBackend, ModelSettings, PredictOptions } from '../../src/inference/backend.ts';
import { LocalBackend } from '../../src/inference/localBackend.ts';
import { measurePrecision } from '../../src/inference/precisionReport.ts';
import { describeModel } from '../../src/models/describeModel.ts';
import { modelSettings } from '../support/modelSettings.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { tinyConfig } from '../support/tinyConfig.ts';

/** Says "b" of every text in int8 that has "flip" in it, else "a"; keeps what was asked of it. */
class FakeBackend implements InferenceBackend {
  readonly asked: string[][] = [];
  disposed = false;

  constructor(readonly settings: ModelSettings) {}

  async start(): Promise<void> {}

  async predict(texts: readonly string[], { signal, onResults }: PredictOptions): Promise<void> {
    signal?.throwIfAborted();
    this.asked.push([...texts]);
    const results = texts.map((text, index) => ({
      index,
      logits: Float32Array.of(1, this.settings.precision === 'int8' && text.includes('flip') ? 2 : 0, 0),
      truncated: false,
      tokenCount: 3,
    }));
    // Batches come longest first, not in order.
    for (const result of results.reverse()) onResults([result]);
  }

  async dispose(): Promise<void> {
    this.disposed = true;
  }
}

/** Measures with fake backends, which are kept. */
function measureFake(
  texts: readonly string[],
  options: { sampleSize?: number; seed?: number; signal?: AbortSignal } = {},
) {
  const backends: FakeBackend[] = [];
  const progress: [number, number][] = [];
  const report = measurePrecision({
    model: { name: 'fake', config: tinyConfig },
    modelSettings,
    texts,
    ...options,
    onProgress: (done, total) => progress.push([done, total]),
    createBackend: (settings) => {
      const backend = new FakeBackend(settings);
      backends.push(backend);
      return backend;
    },
  });
  return { report, backends, progress };
}

const numbered = (count: number) => Array.from({ length: count }, (_, i) => `text ${i}`);

describe('measurePrecision', () => {
  it('compares both precisions on the same texts, in turn', async () => {
    const { report, backends, progress } = measureFake(numbered(100));
    const { comparison, available } = await report;
    expect([comparison.count, available, comparison.flips]).toEqual([100, 100, []]);
    expect(backends.map(({ settings }) => settings.precision)).toEqual(['fp32', 'int8']);
    expect(backends[0]?.asked).toEqual(backends[1]?.asked);
    expect(backends[0]?.asked.length).toBeGreaterThan(1);
    expect(progress.at(-1)).toEqual([100, 100]);
    expect(backends.every(({ disposed }) => disposed)).toBe(true);
  });

  it('leaves out what is empty or there twice, and finds flips where they are in the file', async () => {
    const texts = ['', 'one', ' \t', 'flip two', 'one', 'three', 'flip four', 'flip two'];
    const { report } = measureFake(texts);
    const { comparison, available, flippedTexts } = await report;
    expect([comparison.count, available]).toEqual([4, 4]);
    expect(flippedTexts).toEqual([3, 6]);
    expect(comparison.labelFlips).toEqual([{ from: 'a', to: 'b', count: 2 }]);
  });

  it('draws a sample that its seed decides', async () => {
    const sampleOf = async (seed: number) => {
      const { report, backends } = measureFake(numbered(1_000), { sampleSize: 50, seed });
      await report;
      return backends[0]?.asked.flat() ?? [];
    };
    const [first, again, other] = await Promise.all([sampleOf(1), sampleOf(1), sampleOf(2)]);
    expect(new Set(first).size).toBe(50);
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  it('draws each text equally often', async () => {
    const counts = new Array<number>(10).fill(0);
    for (let seed = 0; seed < 400; seed++) {
      const { report, backends } = measureFake(numbered(10), { sampleSize: 3, seed });
      await report;
      for (const text of backends[0]?.asked.flat() ?? [])
        counts[Number(text.slice(5))] = (counts[Number(text.slice(5))] ?? 0) + 1;
    }
    // 120 each, with a standard deviation of 9.
    expect(Math.min(...counts)).toBeGreaterThan(80);
    expect(Math.max(...counts)).toBeLessThan(160);
  });

  it('has nothing to say about no text', async () => {
    const { report } = measureFake(['', ' ']);
    expect(await report).toMatchObject({
      available: 0,
      comparison: { count: 0 },
      secondsPer100Texts: { fp32: 0, int8: 0 },
    });
  });

  it('ends both backends where it is cancelled', async () => {
    const { report, backends } = measureFake(numbered(3), { signal: AbortSignal.abort() });
    await expect(report).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(backends.map(({ disposed }) => disposed)).toEqual([true, true]);
  });
});

const samples = 'samples/narratives.csv';
const reports = path.resolve(import.meta.dirname, '../../../shared/data/vaers_seriousness.csv');

describe.each([
  { name: 'samples', file: samples, sampleSize: 60 },
  { name: 'real reports', file: reports, sampleSize: 400 },
])('int8 of the built-in model on $name', ({ file, sampleSize }) => {
  it.skipIf(!existsSync(file))('says what float32 says, with at most one exception', async () => {
    const table = scanCsv(readFileSync(file, 'utf8'));
    const column = findColumns(table.header).text ?? 0;
    const model = await describeModel('models/default');
    const { comparison, recipe } = await measurePrecision({
      model,
      modelSettings: {
        ...modelSettings,
        modelDirectory: model.directory,
        modelHash: model.hash,
        modelStamp: model.stamp,
        cacheDirectory: temporaryFolder(),
        maxLength: 256,
        threads: 2,
      },
      texts: Array.from({ length: table.recordCount }, (_, i) => table.value(i, column) ?? ''),
      sampleSize,
      createBackend: (settings) => new LocalBackend(settings),
    });
    expect(comparison.count).toBe(sampleSize);
    expect(comparison.flips.length).toBeLessThanOrEqual(1);
    expect(comparison.meanDifference).toBeLessThan(0.018);
    expect(comparison.largestDifference).toBeLessThan(0.3);
    // Equal figures would mean that nothing was quantized.
    expect(comparison.meanDifference).toBeGreaterThan(0.001);
    expect(recipe.name).toBe('pairs-and-ranges');
  });
});
