import { performance } from 'node:perf_hooks';
import { throwIfCancelled } from '../core/cancellation.ts';
import { comparePrecision } from '../core/metrics/precisionComparison.ts';
import type { PrecisionReport } from '../core/metrics/precisionReport.ts';
import { seededRandom } from '../core/seededRandom.ts';
import type { ModelDescription } from '../models/describeModel.ts';
import { int8Recipe } from '../onnx/quantizedLinears.ts';
import type { InferenceBackend, ModelSettings } from './backend.ts';

/** Texts that are compared unless another number is asked for: enough to see 0.5 %, few enough to wait for. */
export const defaultPrecisionSample = 200;

export interface PrecisionReportOptions {
  readonly model: Pick<ModelDescription, 'name' | 'config'>;
  /** Its `precision` is not read: both are measured. */
  readonly modelSettings: ModelSettings;
  /** The narratives of a file; empty ones and repetitions are left out. */
  readonly texts: readonly string[];
  readonly sampleSize?: number;
  /** Decides which texts are drawn where there are more than `sampleSize`. */
  readonly seed?: number;
  readonly signal?: AbortSignal;
  /** Called with the texts that were predicted in both precisions, and how many there are to do. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Makes what predicts in one precision; it is disposed at the end. */
  readonly createBackend: (settings: ModelSettings) => InferenceBackend;
}

/** Texts that one precision predicts before it is the other's turn: a slow moment of the machine meets both. */
const TURN_TEXTS = 32;

/**
 * Predicts a sample of texts in float32 and in int8 and compares the two. Both models are in memory at once.
 * @throws UserError CANCELLED, or why the model could not predict
 */
export async function measurePrecision(options: PrecisionReportOptions): Promise<PrecisionReport> {
  const { model, modelSettings, texts, signal, onProgress, createBackend } = options;
  const different = firstOccurrences(texts);
  const sample = draw(different, options.sampleSize ?? defaultPrecisionSample, options.seed ?? 1);
  const runs = (['fp32', 'int8'] as const).map((precision) => ({
    backend: createBackend({ ...modelSettings, precision }),
    logits: new Array<Float32Array>(sample.length),
    seconds: 0,
  }));
  try {
    if (sample.length > 0) for (const { backend } of runs) await backend.start(signal);
    for (let start = 0; start < sample.length; start += TURN_TEXTS) {
      const turn = sample.slice(start, start + TURN_TEXTS).map((position) => texts[position] ?? '');
      for (const run of runs) {
        throwIfCancelled(signal);
        const began = performance.now();
        await run.backend.predict(turn, {
          ...(signal && { signal }),
          onResults: (results) => {
            for (const { index, logits } of results) run.logits[start + index] = logits;
          },
        });
        run.seconds += (performance.now() - began) / 1_000;
      }
      onProgress?.(start + turn.length, sample.length);
    }
  } finally {
    await Promise.all(runs.map(({ backend }) => backend.dispose()));
  }
  const [fp32, int8] = runs as [(typeof runs)[number], (typeof runs)[number]];
  const comparison = comparePrecision(fp32.logits, int8.logits, model.config.labels);
  const per100 = (seconds: number) => (100 * seconds) / Math.max(1, sample.length);
  return {
    model: model.name,
    modelHash: modelSettings.modelHash,
    recipe: int8Recipe,
    available: different.length,
    comparison,
    flippedTexts: comparison.flips.map((index) => sample[index] ?? 0),
    secondsPer100Texts: { fp32: per100(fp32.seconds), int8: per100(int8.seconds) },
  };
}

/** Positions of the texts that say something, each where it comes first. */
function firstOccurrences(texts: readonly string[]): number[] {
  const seen = new Set<string>();
  const positions: number[] = [];
  for (const [position, text] of texts.entries()) {
    if (text.trim() === '' || seen.has(text)) continue;
    seen.add(text);
    positions.push(position);
  }
  return positions;
}

/** `size` of `positions`, or all of them, ascending. Source: Fisher and Yates's shuffle, as in Knuth, TAOCP 2, algorithm P. */
function draw(positions: readonly number[], size: number, seed: number): number[] {
  const shuffled = [...positions];
  const random = seededRandom(seed);
  const count = Math.min(size, shuffled.length);
  for (let index = 0; index < count; index++) {
    const other = index + Math.floor(random.uniform() * (shuffled.length - index));
    [shuffled[index], shuffled[other]] = [shuffled[other] ?? 0, shuffled[index] ?? 0];
  }
  return shuffled.slice(0, count).sort((a, b) => a - b);
}
