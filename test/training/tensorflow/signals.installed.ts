import { spawn } from 'node:child_process';
import path from 'node:path';
import { expect, it } from 'vitest';
import { cacheDirectory } from '../../../src/cli/cacheDirectory.ts';
import { requireTensorFlow } from '../../../src/training/tensorflow/install/installation.ts';

it('signals are handled while TensorFlow multiplies, and harm nothing', { timeout: 60_000 }, async () => {
  const { folder } = await requireTensorFlow(cacheDirectory());
  const script = path.join(import.meta.dirname, 'underSignals.cjs');
  const child = spawn(process.execPath, [script, path.resolve('dist/tensorflow.js'), folder], { stdio: 'pipe' });
  let said = '';
  let timer: NodeJS.Timeout | undefined;
  child.stdout.on('data', (data: Buffer) => {
    said += data.toString();
    if (/ready/.test(said)) timer ??= setInterval(() => child.kill('SIGUSR2'), 1);
    if (/handled/.test(said)) clearInterval(timer);
  });
  const ended = await new Promise((resolve) => child.once('exit', (status, signal) => resolve(signal ?? status)));
  clearInterval(timer);
  // Where the handlers ran on the thread that multiplies, the heap was corrupted after some hundreds.
  expect([ended, Number(/handled (\d+)/.exec(said)?.[1]) > 300]).toEqual([0, true]);
});
