import { readFileSync } from 'node:fs';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { parseBertConfig } from '../../src/checkpoint/bertConfig.ts';
import { findClassifierWeights } from '../../src/checkpoint/bertWeights.ts';
import { openCheckpoint } from '../../src/checkpoint/openCheckpoint.ts';
import { chooseEngine } from '../../src/training/chooseEngine.ts';
import type { TrainingSession } from '../../src/training/trainingEngine.ts';
import { peakBytes } from '../processMemory.ts';

// Trains with an engine of Caselight, a step at a time, in the words of peer.py.

interface Command {
  readonly model?: string;
  readonly engine?: 'onnxruntime' | 'tensorflow';
  readonly tensorflowRoot?: string;
  readonly threads?: number;
  readonly sequences?: readonly (readonly number[])[];
  readonly labels?: readonly number[];
}

let session: TrainingSession | undefined;
let steps = 0;

async function open({
  model = '',
  engine = 'onnxruntime',
  tensorflowRoot = '',
  threads = 1,
}: Command): Promise<object> {
  const config = parseBertConfig(readFileSync(path.join(model, 'config.json'), 'utf8'));
  const source = await openCheckpoint(model);
  const { sourceNames } = findClassifierWeights(source, config);
  const chosen = await chooseEngine({ engine, tensorflowRoot, threads }, console.error);
  session = await chosen.open({
    config,
    readWeights: (name) => source.read(sourceNames.get(name) ?? ''),
    scope: 'full',
    optimizer: { optimizer: 'adam', weightDecay: 0 },
    dropout: 0.1,
    threads,
  });
  await source.close();
  return { version: Object.values(chosen.versions).join(', ') };
}

async function step({ sequences = [], labels = [] }: Command): Promise<object> {
  const batch = {
    sequences: sequences.map((ids) => Int32Array.from(ids)),
    labels: Int32Array.from(labels),
    shares: new Float32Array(labels.length).fill(1 / labels.length),
  };
  const start = performance.now();
  const result = await session?.step(batch, { learningRate: 5e-5, dropoutSeed: steps++ });
  return { seconds: (performance.now() - start) / 1_000, loss: result?.loss };
}

async function main(): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const command = JSON.parse(line) as Command;
    const isEnd = command.model === undefined && command.sequences === undefined;
    const peak = () => ({ peakBytes: peakBytes(process.pid) });
    const answer = command.model !== undefined ? await open(command) : isEnd ? peak() : await step(command);
    console.log(JSON.stringify(answer));
    if (isEnd) break;
  }
  process.exit(0);
}

void main();
