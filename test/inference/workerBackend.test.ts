import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TextResult } from '../../src/inference/backend.ts';
import { WorkerBackend, type WorkerBackendOptions } from '../../src/inference/workerBackend.ts';
import { modelSettings as settings } from '../support/modelSettings.ts';

/**
 * A stand-in for the inference process that does what its texts say: `crash`, `hang`, `garbage`, `fail`; anything else is
 * answered with its length. The real one is tested in inferenceWorker.test.ts.
 */
const SCRIPT = `
const fs = require('node:fs');
process.on('disconnect', () => process.exit(0));
const once = (what) => { const mark = process.env.MARK + '-' + what; if (fs.existsSync(mark)) return false; fs.writeFileSync(mark, ''); return true; };
const cancelled = new Set();
process.on('message', async (message) => {
  if (message.type === 'init') {
    if (message.settings.modelHash === 'no start') process.exit(3);
    if (message.settings.modelHash === 'never ready') return;
    if (message.settings.modelHash === 'slow start') await new Promise((resolve) => setTimeout(resolve, 300));
    if (message.settings.modelHash === 'bad model') return process.send({ type: 'failure', code: 'BAD_CHECKPOINT', message: 'The model is damaged.' });
    return process.send({ type: 'ready', protocolVersion: 1 });
  }
  if (message.type === 'cancel') return cancelled.add(message.id);
  for (const [index, text] of message.texts.entries()) {
    await new Promise((resolve) => setImmediate(resolve));
    if (cancelled.has(message.id)) return process.send({ type: 'failure', id: message.id, code: 'CANCELLED', message: '' });
    if (text === 'crash once' && once('crash')) process.exit(9);
    if (text === 'always crash') process.exit(9);
    if (text === 'hang once' && once('hang')) while (true) {}
    if (text === 'wait') { await new Promise((resolve) => setTimeout(resolve, 60_000)); continue; }
    if (text === 'garbage') process.send({ type: 'results', id: message.id, results: [{ index: 'x' }] });
    if (text === 'fail') return process.send({ type: 'failure', id: message.id, code: 'INFERENCE_FAILED', message: 'It failed.' });
    if (text === 'forget') continue;
    process.send({ type: 'results', id: message.id, results: [{ index, logits: Float32Array.of(text.length), truncated: false, tokenCount: process.pid }] });
  }
  process.send({ type: 'done', id: message.id });
});
`;

describe('WorkerBackend', () => {
  let folder: string;
  let log: string[];
  let backend: WorkerBackend;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'caselight-worker-'));
    writeFileSync(join(folder, 'worker.cjs'), SCRIPT);
    process.env.MARK = join(folder, 'mark');
    log = [];
  });
  afterEach(async () => {
    await backend.dispose();
    rmSync(folder, { recursive: true });
  });

  const make = (options: Partial<WorkerBackendOptions> = {}) => {
    backend = new WorkerBackend({
      workerPath: join(folder, 'worker.cjs'),
      settings,
      log: (line) => log.push(line),
      ...options,
    });
    return backend;
  };
  const predict = async (texts: string[], signal?: AbortSignal) => {
    const results = new Map<number, TextResult>();
    await backend.predict(texts, {
      ...(signal ? { signal } : {}),
      onResults: (batch) => {
        for (const each of batch) {
          expect(results.has(each.index), `two results for text ${each.index}`).toBe(false);
          results.set(each.index, each);
        }
      },
    });
    return texts.map((_, i) => results.get(i)?.logits[0]);
  };

  it('answers every text, several requests at a time', async () => {
    make();
    const answers = await Promise.all([predict(['a', 'bb', 'ccc']), predict(['dddd']), predict([])]);
    expect(answers).toEqual([[1, 2, 3], [4], []]);
  });

  it('starts again after a crash with the work that was left, and gives no result twice', async () => {
    make();
    const answers = await Promise.all([predict(['a', 'bb', 'crash once', 'cccc']), predict(['ddddd'])]);
    expect(answers).toEqual([[1, 2, 10, 4], [5]]);
    expect(log.filter((line) => line.includes('started'))).toHaveLength(2);
  });

  it('ends a process that falls silent and starts again', async () => {
    make({ deadlineMs: 400 });
    expect(await predict(['a', 'hang once', 'b'])).toEqual([1, 9, 1]);
    expect(log.some((line) => line.includes('silent for 400 ms'))).toBe(true);
  });

  it('gives up on work that crashes every process, says what to do, and serves later requests', async () => {
    make({ maxRestarts: 2 });
    await expect(predict(['always crash'])).rejects.toMatchObject({
      code: 'INFERENCE_CRASHED',
      message: expect.stringContaining('Predict This File'),
    });
    expect(log.filter((line) => line.includes('started'))).toHaveLength(3);
    expect(await predict(['fine'])).toEqual([4]);
  });

  it('rejects all that waits when the model does not load, and tries again when asked again', async () => {
    make({ settings: { ...settings, modelHash: 'bad model' } });
    const waiting = await Promise.allSettled([predict(['a']), predict(['b']), backend.start()]);
    for (const each of waiting) expect(each).toMatchObject({ status: 'rejected', reason: { code: 'BAD_CHECKPOINT' } });
    await expect(predict(['c'])).rejects.toMatchObject({ code: 'BAD_CHECKPOINT' });
    expect(log.filter((line) => line.includes('started'))).toHaveLength(2);
  });

  it('rejects when the process cannot start at all', async () => {
    make({ settings: { ...settings, modelHash: 'no start' }, maxRestarts: 1 });
    await expect(predict(['a'])).rejects.toMatchObject({ code: 'INFERENCE_CRASHED' });
  });

  it('cancels a request and leaves the others', async () => {
    make();
    await backend.start();
    const abort = new AbortController();
    const cancelled = predict(['a', 'wait', 'b'], abort.signal);
    const other = predict(['cc']);
    abort.abort();
    await expect(cancelled).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await other).toEqual([2]);
    await expect(predict(['d'], abort.signal)).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('passes on the failure of one request', async () => {
    make();
    const [failed, fine] = await Promise.allSettled([predict(['a', 'fail']), predict(['bb'])]);
    expect(failed).toMatchObject({ status: 'rejected', reason: { code: 'INFERENCE_FAILED', message: 'It failed.' } });
    expect(fine).toMatchObject({ status: 'fulfilled', value: [2] });
  });

  it('ignores a message that is none, and notices a text without a result', async () => {
    make();
    expect(await predict(['garbage', 'b'])).toEqual([7, 1]);
    expect(log.some((line) => line.includes('not understood'))).toBe(true);
    await expect(predict(['forget'])).rejects.toMatchObject({ code: 'INFERENCE_FAILED' });
  });

  it('ends the process when idle, and starts it for the next request', async () => {
    make({ idleMs: 50 });
    await predict(['a']);
    await expect.poll(() => backend.pid).toBeUndefined();
    expect(await predict(['bb'])).toEqual([2]);
  });

  it('does not end a process that is still loading, however short the idle time', async () => {
    make({ idleMs: 20, settings: { ...settings, modelHash: 'slow start' } });
    await predict(['a']);
    await expect.poll(() => backend.pid).toBeUndefined();
    expect(await predict(['bb'])).toEqual([2]);
  });

  it('gives a cancelled request up while the model loads', async () => {
    make({ settings: { ...settings, modelHash: 'never ready' } });
    const abort = new AbortController();
    const waiting = predict(['a'], abort.signal);
    abort.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('passes an error of whoever takes the results on to whoever waits', async () => {
    make();
    const failing = backend.predict(['a', 'b'], {
      onResults: () => {
        throw new Error('the taker failed');
      },
    });
    await expect(failing).rejects.toThrow('the taker failed');
    expect(await predict(['cc'])).toEqual([2]);
  });

  it('rejects everything on dispose and leaves no process', async () => {
    make();
    await backend.start();
    const pid = backend.pid ?? 0;
    const waiting = predict(['wait']);
    await backend.dispose();
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(predict(['a'])).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect.poll(() => isRunning(pid)).toBe(false);
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
