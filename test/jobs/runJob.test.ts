import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Jobs } from '../../src/jobs/jobs.ts';
import type { JobProgress } from '../../src/jobs/protocol.ts';
import { type RunJobOptions, runJob } from '../../src/jobs/runJob.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

/** A stand-in for the job process that does what `source` says. The real one is tested in jobWorker.test.ts. */
const SCRIPT = `
const fs = require('node:fs');
process.on('disconnect', () => process.exit(0));
process.on('message', (message) => {
  if (message.type === 'cancel') {
    if (process.env.LATE) return process.send({ type: 'result', value: {} });
    if (process.env.TIDY === undefined) return;
    fs.writeFileSync(process.env.TIDY, '');
    return process.send({ type: 'failure', code: 'CANCELLED', message: '' });
  }
  const { source } = message.options;
  if (source === 'crash') process.exit(7);
  if (source === 'hang') { for (;;) {} }
  if (source === 'fail') return process.send({ type: 'failure', code: 'BAD_CHECKPOINT', message: 'It is damaged.', stack: 'at x' });
  if (source === 'wait') return process.send({ type: 'progress', message: 'waiting' });
  process.send({ type: 'garbage' });
  process.send({ type: 'progress', message: 'half', fraction: 0.5 });
  process.send({ type: 'result', value: { source, proxy: process.env.HTTPS_PROXY, vscode: process.env.VSCODE_PID } });
});
`;

describe('runJob', () => {
  const run = (source: string, options: Partial<RunJobOptions> = {}) => {
    const workerPath = join(temporaryFolder(), 'job.cjs');
    writeFileSync(workerPath, SCRIPT);
    return runJob('import', { source } as Jobs['import']['options'], { workerPath, log: () => {}, ...options });
  };

  it('hands over progress and the result, and keeps messages that it does not know to the log', async () => {
    process.env.VSCODE_PID = '1';
    const progress: JobProgress[] = [];
    const log: string[] = [];
    const result = await run('x', {
      env: { HTTPS_PROXY: 'http://127.0.0.1:1' },
      onProgress: (each) => progress.push(each),
      log: (line) => log.push(line),
    });
    expect(result).toEqual({ source: 'x', proxy: 'http://127.0.0.1:1', vscode: undefined });
    expect(progress).toEqual([{ type: 'progress', message: 'half', fraction: 0.5 }]);
    expect(log.join('\n')).toMatch(/import: a message was not understood/);
  });

  it.each([
    ['fail', 'BAD_CHECKPOINT'],
    ['crash', 'JOB_CRASHED'],
    ['hang', 'JOB_CRASHED'],
  ])('ends a job that does %s with %s', async (source, code) => {
    await expect(run(source, { deadlineMs: 500 })).rejects.toMatchObject({ name: 'UserError', code });
  });

  it('says that the process is gone where it cannot be started', async () => {
    await expect(run('x', { workerPath: join(temporaryFolder(), 'none.cjs') })).rejects.toMatchObject({
      code: 'JOB_CRASHED',
    });
  });

  it('lets a cancelled job tidy up, and ends one that does not', async () => {
    const tidied = join(temporaryFolder(), 'tidied');
    for (const env of [{ TIDY: tidied }, {}]) {
      const abort = new AbortController();
      const job = run('wait', { signal: abort.signal, onProgress: () => abort.abort(), env, cancelMs: 300 });
      await expect(job).rejects.toMatchObject({ code: 'CANCELLED' });
    }
    expect(existsSync(tidied)).toBe(true);
  });

  it('counts no result that comes after a cancel', async () => {
    const abort = new AbortController();
    const job = run('wait', { signal: abort.signal, onProgress: () => abort.abort(), env: { LATE: '1' } });
    await expect(job).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('does not start what was cancelled before', async () => {
    await expect(run('x', { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
