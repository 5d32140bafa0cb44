import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parseConfigObject } from '../checkpoint/bertConfig.ts';
import { openCheckpoint } from '../checkpoint/openCheckpoint.ts';
import { throwIfCancelled } from '../core/cancellation.ts';
import { encodeLabels } from '../core/training/labelEncoding.ts';
import { describeModel, readModelFile } from '../models/describeModel.ts';
import { effectiveMaxLength } from '../models/maxLength.ts';
import { loadModelTokenizer } from '../models/modelTokenizer.ts';
import { chooseEngine } from './chooseEngine.ts';
import { startingPoint } from './startingPoint.ts';
import { withPlainLabels } from './trainingData.ts';
import type { TrainingRun } from './trainingRun.ts';

/** What a step takes on this machine. */
export interface MeasuredStep {
  /** Of a step that trains the last two layers, brought up to all layers. */
  readonly secondsPerToken: number;
  /** Tokens of a text, on average over the records. */
  readonly meanTokens: number;
  readonly layerCount: number;
}

const BATCH = 8;
const LAYERS = 2;
const STEPS = 3;
/** Texts that are tokenized between two looks at whether to stop. */
const TEXTS_A_TURN = 100;

/**
 * Times a few training steps of the last two layers, which need little memory, on texts as long as those of the run.
 * @throws UserError CANCELLED, or what is wrong with the base model
 */
export async function measureStep(
  run: Pick<TrainingRun, 'base' | 'records' | 'recipe' | 'engine' | 'threads' | 'tensorflowRoot'>,
  signal?: AbortSignal,
): Promise<MeasuredStep> {
  // A message that says to stop comes in between turns only.
  const turn = async () => {
    await nextTurn();
    throwIfCancelled(signal);
  };
  await turn();
  const base = await describeModel(run.base);
  const original = parseConfigObject(await readModelFile(base.directory, 'config.json'));
  const engine = await chooseEngine(run, () => {});
  const source = await openCheckpoint(base.directory);
  try {
    const { labels, classIds } = encodeLabels(withPlainLabels(run.records).map(({ label }) => label));
    const { config, readWeights } = startingPoint(source, original, labels, run.recipe.seed);
    const tokenizer = await loadModelTokenizer(base.directory, config);
    const maxLength = effectiveMaxLength(run.recipe.maxLength, config);
    let tokens = 0;
    for (const [index, { text }] of run.records.entries()) {
      if (index % TEXTS_A_TURN === 0) await turn();
      tokens += tokenizer.encode(text, maxLength).inputIds.length;
    }
    const meanTokens = tokens / Math.max(1, run.records.length);
    const length = Math.max(2, Math.round(meanTokens));
    const layers = Math.min(LAYERS, config.layerCount);
    await turn();
    const session = await engine.open({
      config,
      readWeights,
      scope: `last-${layers}`,
      optimizer: run.recipe,
      dropout: run.recipe.dropout,
      threads: run.threads,
    });
    try {
      const batch = {
        sequences: Array.from({ length: BATCH }, () => new Int32Array(length)),
        frozen: new Float32Array(BATCH * length * config.hiddenSize).map((_, index) => Math.sin(index)),
        labels: Int32Array.from({ length: BATCH }, (_, index) => (classIds[index] ?? 0) % config.labels.length),
        shares: new Float32Array(BATCH).fill(1 / BATCH),
      };
      const seconds: number[] = [];
      for (let step = 0; step <= STEPS; step++) {
        await turn();
        const start = performance.now();
        await session.step(batch, { learningRate: 0, dropoutSeed: step });
        seconds.push((performance.now() - start) / 1_000);
      }
      // The first one takes memory.
      const best = Math.min(...seconds.slice(1));
      return {
        secondsPerToken: ((best / (BATCH * length)) * config.layerCount) / layers,
        meanTokens,
        layerCount: config.layerCount,
      };
    } finally {
      await session.dispose();
    }
  } finally {
    await source.close();
  }
}
