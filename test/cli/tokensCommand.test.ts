import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { fixturePath, readOracle } from '../tokenizer/oracle.ts';
import { cliFolder } from './cliFolder.ts';
import { exitOf, jsonLines, startCli } from './runCli.ts';

const cli = cliFolder();
const tokenizerFolder = cli.path('tokenizer');
mkdirSync(tokenizerFolder);
copyFileSync(fixturePath('vocab.cased.txt'), path.join(tokenizerFolder, 'vocab.txt'));

/** A line of `tokens`. */
interface TokensLine {
  readonly record: number;
  readonly inputIds: readonly number[];
  readonly truncated: boolean;
}

describe('tokens', () => {
  it('prints the ids of the reference tokenizer, from a folder with vocab.txt alone', async () => {
    const { texts, tokenizers } = readOracle();
    const ids = tokenizers.find(({ source }) => source === 'vocab.cased.txt')?.ids ?? [];
    const rows = texts.map((text) => `x,"${text.replaceAll('"', '""')}"\n`);
    const args = ['tokens', '-', '--model', tokenizerFolder, '--max-length', '1000'];
    const { status, stdout } = await cli.run(args, `\ufeffID,Narrative\n${rows.join('')}`);
    expect(status).toBe(0);
    const expected = ids.map((inputIds, record) => ({ record, inputIds, truncated: false }));
    expect(jsonLines<TokensLine>(stdout)).toEqual(expected);
  });

  it('cuts at --max-length, and at the positions of a model', async () => {
    const input = `Narrative\n${'fever '.repeat(1_000)}\n`;
    const [own, model] = await Promise.all([
      cli.run(['tokens', '-', '--model', tokenizerFolder, '--max-length', '500'], input),
      cli.runTiny(['tokens', '-', '--max-length', '500'], input),
    ]);
    const lengths = [own, model].map(({ stdout }) => jsonLines<TokensLine>(stdout)[0]?.inputIds.length);
    expect(lengths).toEqual([500, 64]);
  });

  it.each([
    ['has no tokenizer', cli.path('nothing'), 'no tokenizer.json or vocab.txt'],
    ['is a file', cli.write('file', ''), ''],
  ])('is refused where the model folder %s', async (_, folder, hint) => {
    const { status, stdout, stderr } = await cli.run(['tokens', '-', '--model', folder], 'Narrative\nfever\n');
    expect([status, stdout.toString()]).toEqual([1, '']);
    expect(stderr).toMatch(/^error\[(MODEL_NOT_FOUND|IO_ERROR)\]: .*\.\n$/);
    expect(stderr).toContain(hint);
  });

  it('ends quietly when its reader goes away', async () => {
    const child = startCli(['tokens', '-', '--model', tokenizerFolder], cli.cache);
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => {
      errors += chunk;
    });
    child.stdout.once('data', () => child.stdout.destroy());
    child.stdin.end(`Narrative\n${'fever and pain in the arm\n'.repeat(50_000)}`);
    expect([await exitOf(child), errors]).toEqual([0, '']);
  });

  // Elsewhere there is no file that tells how much memory a process has held at most.
  it.skipIf(!existsSync('/proc/self/status'))('holds little of a file of 60 MB in memory', async () => {
    const child = startCli(['tokens', '-', '--model', tokenizerFolder, '--max-length', '16'], cli.cache);
    const exit = exitOf(child);
    const record = `7,"${'fever and pain in the arm\n'.repeat(780)}"\n`;
    const count = Math.ceil(60e6 / record.length);
    let lines = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      for (const byte of chunk) if (byte === 0x0a) lines++;
    });
    child.stderr.resume();
    child.stdin.write('ID,Narrative\n');
    for (let i = 0; i < count; i++) {
      if (!child.stdin.write(record)) await new Promise((resolve) => child.stdin.once('drain', resolve));
    }
    // The last records are still to come: the process lives, and can be asked.
    while (lines < count - 50) await nextTurn();
    const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'));
    child.stdin.end();
    expect([await exit, lines]).toEqual([0, count]);
    expect(Number(peak?.[1]) / 1024).toBeLessThan(350);
  });
});
