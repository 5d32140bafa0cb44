import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scanCsv } from '../../src/core/csv/csvScanner.ts';
import { LocalBackend } from '../../src/inference/localBackend.ts';
import { WorkerBackend } from '../../src/inference/workerBackend.ts';
import { describeModel, modelStamp } from '../../src/models/describeModel.ts';

const WORKER = 'dist/inferenceWorker.js';

/** Narratives of the samples. */
function narratives(): string[] {
  const table = scanCsv(readFileSync('samples/narratives.csv', 'utf8'));
  return Array.from({ length: table.recordCount }, (_, record) => table.value(record, 2) ?? '');
}

describe('the inference process with the built-in model', () => {
  let cacheDirectory: string;
  const log: string[] = [];
  beforeAll(() => {
    expect(existsSync(WORKER), `${WORKER} is not built: run npm run build`).toBe(true);
    cacheDirectory = mkdtempSync(join(tmpdir(), 'caselight-derived-'));
  });
  afterAll(() => rmSync(cacheDirectory, { recursive: true }));

  const settingsOf = async (precision: 'int8' | 'fp32', modelDirectory = 'models/default') => ({
    modelDirectory,
    modelHash: (await describeModel('models/default')).hash,
    modelStamp: await modelStamp(modelDirectory),
    cacheDirectory,
    precision,
    maxLength: 256,
    threads: 1,
  });
  const open = async (precision: 'int8' | 'fp32', modelDirectory?: string) =>
    new WorkerBackend({
      workerPath: WORKER,
      settings: await settingsOf(precision, modelDirectory),
      log: (line) => log.push(line),
    });

  it('predicts what the model predicts in this process, each text once', async () => {
    const texts = narratives();
    const [worker, local] = [await open('int8'), new LocalBackend(await settingsOf('int8'))];
    const [fromWorker, fromLocal] = [new Map<number, Float32Array>(), new Map<number, Float32Array>()];
    await worker.predict(texts, {
      onResults: (all) => all.forEach((each) => void fromWorker.set(each.index, each.logits)),
    });
    await local.predict(texts, {
      onResults: (all) => all.forEach((each) => void fromLocal.set(each.index, each.logits)),
    });
    expect(fromWorker.size).toBe(texts.length);
    expect(fromWorker).toEqual(fromLocal);
    await Promise.all([worker.dispose(), local.dispose()]);
  });

  it('goes on after kill -9 in the middle of a request', async () => {
    const texts = Array.from({ length: 6 }, () => narratives()).flat();
    const worker = await open('int8');
    const seen = new Set<number>();
    let killed = 0;
    await worker.predict(texts, {
      onResults: (results) => {
        for (const { index } of results) seen.add(index);
        if (killed === 0 && worker.pid !== undefined) {
          killed = worker.pid;
          process.kill(killed, 'SIGKILL');
        }
      },
    });
    expect(seen.size).toBe(texts.length);
    expect(killed).toBeGreaterThan(0);
    expect(worker.pid).not.toBe(killed);
    await worker.dispose();
  });

  it('stops between batches when a request is cancelled', async () => {
    const texts = Array.from({ length: 20 }, () => narratives()).flat();
    const worker = await open('fp32');
    const abort = new AbortController();
    let results = 0;
    const cancelled = worker.predict(texts, {
      signal: abort.signal,
      onResults: (batch) => {
        results += batch.length;
        abort.abort();
      },
    });
    await expect(cancelled).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(results).toBeLessThan(texts.length / 2);
    // The process is free for what comes next.
    const answered: number[] = [];
    await worker.predict(['Patient died'], { onResults: (batch) => answered.push(batch.length) });
    expect(answered).toEqual([1]);
    await worker.dispose();
  });

  it('tells why a model does not load', async () => {
    const worker = new WorkerBackend({
      workerPath: WORKER,
      settings: { ...(await settingsOf('int8')), modelDirectory: 'samples' },
      log: (line) => log.push(line),
    });
    await expect(worker.start()).rejects.toMatchObject({
      code: 'MODEL_NOT_FOUND',
      message: expect.stringContaining('config.json'),
    });
    await worker.dispose();
  });

  it('writes nothing of a narrative into the log', () => {
    expect(log.length).toBeGreaterThan(2);
    const words = narratives().flatMap((text) => text.split(/\s+/).slice(0, 6).join(' '));
    expect(words.filter((start) => log.some((line) => line.includes(start)))).toEqual([]);
  });
});
