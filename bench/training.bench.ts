import { availableParallelism } from 'node:os';
import path from 'node:path';
import { loadTokenizer } from '../src/tokenizer/loadTokenizer.ts';
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
const LIMITS = { padded: 1, real: 0.7 } as const;

type Texts = keyof typeof LIMITS;
interface Batch {
  readonly sequences: readonly (readonly number[])[];
  readonly labels: readonly number[];
}

/** A training step of Caselight's engine against one of PyTorch with transformers: same weights, texts, threads and optimizer. */
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
  const engine = new LineProcess(process.execPath, [path.resolve('dist/bench/training/engine.child.cjs')]);
  const peer = new LineProcess(pythonWithTorch(), ['bench/training/peer.py']);
  const both = [engine, peer] as const;
  for (const each of both) await each.ask({ model: directory, threads });
  const kinds: Record<Texts, readonly Batch[]> = { padded: padded(rounds), real: await real(directory, rounds) };
  const seconds: Record<Texts, [number[], number[]]> = { padded: [[], []], real: [[], []] };
  for (let round = 0; round <= rounds; round++) {
    for (const kind of Object.keys(kinds) as Texts[]) {
      for (const [index, each] of both.entries()) {
        const batch = kinds[kind][round % kinds[kind].length];
        const answer = await each.ask<{ seconds: number }>(batch ?? {});
        // The first round warms up.
        if (round > 0) seconds[kind][index]?.push(answer.seconds);
      }
    }
  }
  const [ownPeak, peerPeak] = [
    (await engine.ask<{ peakBytes?: number }>({})).peakBytes,
    (await peer.ask<{ peakBytes?: number }>({})).peakBytes,
  ];
  const memory = (bytes: number | undefined) => (bytes === undefined ? 'not known' : `${(bytes / 1e9).toFixed(2)} GB`);
  return (Object.keys(kinds) as Texts[]).map((kind) => {
    const [own, theirs] = seconds[kind].map(median) as [number, number];
    // Each batch of real lengths is another: the median of the pairs.
    const ratio = median(seconds[kind][0].map((value, index) => value / (seconds[kind][1][index] ?? Number.NaN)));
    return [
      name,
      kind === 'padded' ? `${BATCH} x ${PADDED_TOKENS} tokens` : 'real lengths',
      own.toFixed(2),
      `${((own * RECORDS) / BATCH).toFixed(0)} s`,
      theirs.toFixed(2),
      ratio.toFixed(2),
      LIMITS[kind].toFixed(1),
      memory(ownPeak),
      memory(peerPeak),
    ];
  });
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
