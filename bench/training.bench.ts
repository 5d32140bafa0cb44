import { availableParallelism } from 'node:os';
import path from 'node:path';
import { cacheDirectory } from '../src/cli/cacheDirectory.ts';
import { loadTokenizer } from '../src/tokenizer/loadTokenizer.ts';
import { findTensorFlow } from '../src/training/tensorflow/install/installation.ts';
import type { EngineName } from '../src/training/trainingEngine.ts';
import { bertBaseCheckpoint } from './bertBase/cachedCheckpoint.ts';
import { printTable } from './interleaved.ts';
import { describeMachine } from './machine.ts';
import { readNarratives } from './narratives.ts';
import { pythonWithTorch } from './onnxExport.ts';
import { LineProcess } from './training/lineProcess.ts';

const LABELS = ['D/LT', 'Non-serious', 'Serious'];
const BATCH = 8;
const PADDED_TOKENS = 103;
const MAX_LENGTH = 256;
const RECORDS = 520;
/** The most that a step may take of PyTorch's. */
const LIMITS = {
  onnxruntime: { padded: 1, real: 0.7 },
  tensorflow: { padded: 1.15, real: 1.15 },
} as const;

type Texts = 'padded' | 'real';
interface Batch {
  readonly sequences: readonly (readonly number[])[];
  readonly labels: readonly number[];
}

/** A training step of each of Caselight's engines against one of PyTorch with transformers: same weights, texts, threads and optimizer. */
export async function run(): Promise<void> {
  const threads = Math.min(2, availableParallelism());
  const models = [
    { name: 'MiniLM-L6 (6 x 384)', directory: path.resolve('models/default'), rounds: 12 },
    { name: 'BERT-base (12 x 768)', directory: await bertBaseCheckpoint(LABELS), rounds: 5 },
  ];
  const rows: string[][] = [];
  for (const model of models) rows.push(...(await measure(model, threads)));
  console.log(`\nTraining, ${describeMachine()}, ${threads} threads; batches of ${BATCH}, Adam, dropout 0.1, medians`);
  printTable([
    [
      'model',
      'engine',
      'texts',
      'seconds a step',
      `an epoch of ${RECORDS}`,
      'PyTorch',
      'times PyTorch',
      'at most',
      'memory',
      'its',
    ],
    ...rows,
  ]);
}

async function measure(
  { name, directory, rounds }: { name: string; directory: string; rounds: number },
  threads: number,
): Promise<string[][]> {
  const tensorflowRoot = cacheDirectory();
  const isInstalled = (await findTensorFlow(tensorflowRoot)) !== undefined;
  if (!isInstalled) console.log('TensorFlow is not installed, and left out: run npm run setup:tensorflow.');
  const engines: EngineName[] = ['onnxruntime', ...(isInstalled ? (['tensorflow'] as const) : [])];
  const peer = new LineProcess(pythonWithTorch(), ['bench/training/peer.py']);
  const contestants = [
    peer,
    ...engines.map(() => new LineProcess(process.execPath, [path.resolve('dist/bench/training/engine.child.cjs')])),
  ];
  for (const [index, each] of contestants.entries()) {
    await each.ask({ model: directory, threads, engine: engines[index - 1], tensorflowRoot });
  }
  const kinds: Record<Texts, readonly Batch[]> = { padded: padded(rounds), real: await real(directory, rounds) };
  const seconds: Record<Texts, number[][]> = { padded: contestants.map(() => []), real: contestants.map(() => []) };
  for (let round = 0; round <= rounds; round++) {
    for (const kind of ['padded', 'real'] as const) {
      for (const [index, each] of contestants.entries()) {
        const batch = kinds[kind][round % kinds[kind].length];
        const answer = await each.ask<{ seconds: number }>(batch ?? {});
        // The first round warms up.
        if (round > 0) seconds[kind][index]?.push(answer.seconds);
      }
    }
  }
  const peaks: string[] = [];
  for (const each of contestants) {
    const { peakBytes } = await each.ask<{ peakBytes?: number }>({});
    peaks.push(peakBytes === undefined ? 'not known' : `${(peakBytes / 1e9).toFixed(2)} GB`);
  }
  return engines.flatMap((engine, at) =>
    (['padded', 'real'] as const).map((kind) => {
      const [theirs = [], own = []] = [seconds[kind][0], seconds[kind][at + 1]];
      // Each batch of real lengths is another: the median of the pairs.
      const ratio = median(own.map((value, index) => value / (theirs[index] ?? Number.NaN)));
      return [
        name,
        engine,
        kind === 'padded' ? `${BATCH} x ${PADDED_TOKENS} tokens` : 'real lengths',
        median(own).toFixed(2),
        `${((median(own) * RECORDS) / BATCH).toFixed(0)} s`,
        median(theirs).toFixed(2),
        ratio.toFixed(2),
        LIMITS[engine][kind].toFixed(2),
        peaks[at + 1] ?? '',
        peaks[0] ?? '',
      ];
    }),
  );
}

function padded(rounds: number): Batch[] {
  return Array.from({ length: rounds }, (_, round) => ({
    sequences: Array.from({ length: BATCH }, (_, text) =>
      Array.from(
        { length: PADDED_TOKENS },
        (_, token) => 1_000 + ((round * 7_919 + text * 104_729 + token * 31) % 20_000),
      ),
    ),
    labels: Array.from({ length: BATCH }, (_, text) => text % LABELS.length),
  }));
}

/** Batches as they come: PyTorch pads each to its longest text, Caselight packs it. */
async function real(directory: string, rounds: number): Promise<Batch[]> {
  const tokenizer = await loadTokenizer(directory);
  const { texts } = readNarratives(rounds * BATCH);
  return Array.from({ length: rounds }, (_, round) => ({
    sequences: texts
      .slice(round * BATCH, (round + 1) * BATCH)
      .map((text) => [...tokenizer.encode(text, MAX_LENGTH).inputIds]),
    labels: Array.from({ length: BATCH }, (_, text) => text % LABELS.length),
  }));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
