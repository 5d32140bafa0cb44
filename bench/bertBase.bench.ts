import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { WorkerBackend } from '../src/inference/workerBackend.ts';
import type { Precision } from '../src/models/derivedModel.ts';
import { describeModel } from '../src/models/describeModel.ts';
import { benchFolder } from './benchFolder.ts';
import { bertBaseCheckpoint } from './bertBase/cachedCheckpoint.ts';
import { printTable } from './interleaved.ts';
import { describeMachine } from './machine.ts';
import { readNarratives } from './narratives.ts';
import { peakBytes, watchPeak } from './processMemory.ts';

const NARRATIVES = 128;

/** A figure and the most that it may be. Seconds depend on the machine, so memory alone decides how the bench ends. */
interface Figure {
  readonly what: string;
  readonly unit: 's' | 'MB';
  /** Undefined where the system does not tell. */
  readonly value: number | undefined;
  readonly limit?: number;
}

/** Importing and activating a BERT-base of 436 MB, in the old format in which BioBERT is published. */
export async function run(): Promise<void> {
  const checkpoint = await bertBaseCheckpoint();
  const folder = mkdtempSync(benchFolder('bert-base-'));
  try {
    const model = path.join(folder, 'model');
    const figures = await importModel(checkpoint, model, path.join(folder, 'import-cache'));
    for (const precision of ['int8', 'fp32'] as const) {
      const cacheDirectory = path.join(folder, 'cache');
      figures.push(...(await activate('first activation', model, cacheDirectory, precision)));
      figures.push(...(await activate('activation', model, cacheDirectory, precision)));
    }
    console.log(`\nBERT-base, ${describeMachine()}`);
    printTable([['', 'measured', 'limit', ''], ...figures.map(cells)]);
    if (figures.some((figure) => figure.unit === 'MB' && isOver(figure))) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function importModel(checkpoint: string, model: string, cacheDirectory: string): Promise<Figure[]> {
  const start = performance.now();
  const child = spawn(process.execPath, ['dist/cli.js', 'import', checkpoint, '--output', model], {
    env: { ...process.env, CASELIGHT_CACHE: cacheDirectory },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const peak = watchPeak(child.pid ?? 0);
  const [code] = await once(child, 'exit');
  const value = megabytes(peak());
  if (code !== 0) throw new Error(`caselight import ended with ${code}`);
  return [
    { what: 'import', unit: 's', value: secondsSince(start), limit: 20 },
    { what: 'import, most memory', unit: 'MB', value, limit: 1_000 },
  ];
}

/** As the editor does it: the hash of the model's files, then a process that loads the model, then narratives. */
async function activate(
  what: string,
  modelDirectory: string,
  cacheDirectory: string,
  precision: Precision,
): Promise<Figure[]> {
  const start = performance.now();
  const { hash, stamp } = await describeModel(modelDirectory);
  const hashSeconds = secondsSince(start);
  const backend = new WorkerBackend({
    workerPath: path.resolve('dist/inferenceWorker.js'),
    settings: {
      modelDirectory,
      modelHash: hash,
      modelStamp: stamp,
      cacheDirectory,
      precision,
      maxLength: 256,
      threads: Math.min(2, availableParallelism()),
    },
    log: () => {},
  });
  try {
    await backend.start();
    const seconds = secondsSince(start);
    const loaded = peakBytes(backend.pid ?? 0);
    await backend.predict(readNarratives(NARRATIVES).texts, { onResults: () => {} });
    const peak = peakBytes(backend.pid ?? 0);
    return [
      {
        what: `${what} in ${precision}, of which ${hashSeconds.toFixed(1)} s for the hash`,
        unit: 's',
        value: seconds,
        // What the first one derives is kept, and it is shown to be at work.
        ...(what === 'activation' ? { limit: 2 } : {}),
      },
      { what: `${what} in ${precision}, most memory until it is ready`, unit: 'MB', value: megabytes(loaded) },
      {
        what: `${what} in ${precision}, most memory`,
        unit: 'MB',
        value: megabytes(peak),
        ...(precision === 'int8' ? { limit: 600 } : {}),
      },
    ];
  } finally {
    await backend.dispose();
  }
}

function cells(figure: Figure): string[] {
  const { what, unit, value, limit } = figure;
  const shown = (amount: number) => `${amount.toFixed(unit === 's' ? 1 : 0)} ${unit}`;
  return [
    what,
    value === undefined ? 'not known' : shown(value),
    limit === undefined ? '' : `at most ${shown(limit)}`,
    limit === undefined || value === undefined ? '' : isOver(figure) ? 'missed' : 'met',
  ];
}

function isOver({ value, limit }: Figure): boolean {
  return value !== undefined && limit !== undefined && value > limit;
}

function megabytes(bytes: number | undefined): number | undefined {
  return bytes === undefined ? undefined : bytes / 1e6;
}

function secondsSince(start: number): number {
  return (performance.now() - start) / 1_000;
}
