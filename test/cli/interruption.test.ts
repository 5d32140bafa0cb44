import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { cliFolder } from './cliFolder.ts';
import { type CliProcess, exitOf, startCli } from './runCli.ts';

const cli = cliFolder();
const CANCELLED =
  'error[CANCELLED]: Stopped before the end: no file was written, and what went to standard output is incomplete. Run the command again.\n';

/** Gathers what a process says on standard error. */
function errorsOf(child: CliProcess): () => string {
  let text = '';
  child.stderr.on('data', (chunk: Buffer) => {
    text += chunk;
  });
  return () => text;
}

/** Waits for something that can be seen from outside only. */
async function until(isTrue: () => boolean): Promise<void> {
  for (let waited = 0; !isTrue(); waited += 5) {
    if (waited > 20_000) throw new Error('it did not come to pass in 20 s');
    await delay(5);
  }
}

// Windows has no signals that a process could catch.
describe.skipIf(process.platform === 'win32')('an interruption', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'by %s stops a prediction midway, and leaves nothing behind',
    async (signal) => {
      const folder = cli.path(signal);
      mkdirSync(folder);
      const output = path.join(folder, 'labelled.csv');
      writeFileSync(output, 'of last week');
      const child = startCli(['predict', '-', '--model', cli.model, '--output', output], cli.cache);
      const errors = errorsOf(child);
      // The input never ends: the process is at work, or waits, whenever the signal comes.
      child.stdin.write(`Narrative\n${'fever and pain in the arm\n'.repeat(5_000)}`);
      const isPartial = (name: string) => name.endsWith('.part') && statSync(path.join(folder, name)).size > 5_000;
      await until(() => readdirSync(folder).some(isPartial));
      child.kill(signal);
      expect(await exitOf(child)).toBe(1);
      expect(errors()).toContain(CANCELLED);
      expect([readdirSync(folder), readFileSync(output, 'utf8')]).toEqual([['labelled.csv'], 'of last week']);
    },
  );

  it.each([
    ['tokens', ['tokens', '-']],
    ['predict', ['predict', '-']],
    ['evaluate', ['evaluate', '-']],
    ['classify', ['classify', '-']],
  ])('by SIGINT stops %s while it waits for standard input', async (_, args) => {
    const child = startCli([...args, '--model', cli.model], cli.cache);
    const errors = errorsOf(child);
    // More than a pipe holds: when it is written, the process has begun to read. The record goes on, so nothing is done.
    const input = `Narrative,Seriousness\n"${'x'.repeat(4_000_000)}`;
    await new Promise((resolve) => child.stdin.write(input, resolve));
    child.kill('SIGINT');
    expect([await exitOf(child), errors()]).toEqual([1, CANCELLED]);
  });
});
