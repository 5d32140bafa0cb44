import { describe, expect, it } from 'vitest';
import { cliFolder } from './cliFolder.ts';

const { model, run, runTiny, write } = cliFolder();
const file = write('cases.csv', 'ID,Narrative\n1,fever\n');

describe('the command line', () => {
  it.each([
    ['--help', ['--help']],
    ['-h', ['-h']],
    ['help', ['help']],
    ['--help after a command', ['predict', '--help']],
    ['-h after a command', ['predict', 'x.csv', '-h']],
  ])('shows its usage for %s', async (_, args) => {
    const { status, stdout, stderr } = await run(args);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout.toString()).toMatch(/^Caselight labels .*\n\nUsage: caselight COMMAND/);
  });

  it('shows its usage and fails without a command', async () => {
    const { status, stdout } = await run([]);
    expect(status).toBe(2);
    expect(stdout.toString()).toContain('Usage: caselight');
  });

  it.each([
    ['an unknown command', ['label', file], 'There is no command "label".'],
    ['a command named like a method', ['toString'], 'There is no command "toString".'],
    ['an unknown option', ['predict', file, '--bogus'], '--bogus'],
    ['an option of another command', ['tokens', file, '--format', 'csv'], '--format'],
    ['an option without its value', ['predict', file, '--model'], '--model'],
    ['a flag with a value', ['evaluate', file, '--json=yes'], '--json'],
    ['classify without a text', ['classify'], 'classify takes one TEXT'],
    ['predict without a file', ['predict'], 'predict takes one FILE.'],
    ['predict with two files', ['predict', file, file], 'predict takes one FILE.'],
    ['evaluate without a file', ['evaluate'], 'evaluate takes one FILE.'],
    ['tokens with two files', ['tokens', file, file], 'tokens takes one FILE.'],
    ['a length below 2', ['predict', file, '--max-length', '1'], '--max-length takes a whole number from 2'],
    ['a length that is no number', ['predict', file, '--max-length', 'all'], 'not "all"'],
    ['a length with a fraction', ['predict', file, '--max-length', '2.5'], 'not "2.5"'],
    ['no thread', ['predict', file, '--threads', '0'], '--threads takes a whole number from 1'],
    ['an unknown precision', ['predict', file, '--precision', 'fp16'], '--precision takes fp32 or int8, not "fp16".'],
    ['an unknown format', ['predict', file, '--format', 'xml'], '--format takes csv or jsonl, not "xml".'],
  ])('refuses %s with status 2, and prints nothing else', async (_, args, message) => {
    const { status, stdout, stderr } = await run(args);
    expect([status, stdout.toString()]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/\nRun "caselight --help" to see how it is used\.\n$/);
  });

  it('takes what follows -- as a text, whatever it begins with', async () => {
    const { status, stdout } = await run(['classify', '--model', model, '--', '--fever']);
    expect(status).toBe(0);
    expect(stdout.toString().split('\n')).toHaveLength(2);
  });

  it.each([
    [['--precision', 'int8']],
    [['--threads', '1']],
    [['--max-length', '8']],
    [['--encoding', 'utf-8']],
    [['--text', 'Narrative', '--label', 'ID']],
    [['--text=narrative', '--id=ID']],
  ])('takes %o', async (options) => {
    const { status, stdout, stderr } = await runTiny(['predict', file, ...options]);
    expect([status, stderr.includes('error')]).toEqual([0, false]);
    expect(stdout.toString()).toMatch(/^ID,Narrative,predicted_label,confidence\n1,fever,.+,0\.\d{6}\n$/);
  });
});
