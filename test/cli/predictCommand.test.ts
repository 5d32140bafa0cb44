import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { cliFolder } from './cliFolder.ts';
import { jsonLines } from './runCli.ts';
import { LABELS } from './tinyModel.ts';

const cli = cliFolder();

/** A line of `--format jsonl`, as the contract has it. */
interface PredictedRecord {
  readonly record: number;
  readonly id: string | null;
  readonly label: string;
  readonly confidence: number;
  readonly probabilities: Readonly<Record<string, number>>;
  readonly logits: readonly number[];
  readonly truncated: boolean;
}

const cases = cli.write(
  'cases.csv',
  'Case ID,Narrative\n007,fever and pain\n"a ""b""",\n9,"rash,\nswelling"\n,died in hospital\n',
);

describe('predict --format jsonl', () => {
  it('prints for each record the fields of the contract', async () => {
    const { status, stdout } = await cli.runTiny(['predict', cases, '--format', 'jsonl']);
    expect(status).toBe(0);
    const records = jsonLines<PredictedRecord>(stdout);
    expect(records.map(({ record, id }) => [record, id])).toEqual([
      [0, '007'],
      [1, 'a "b"'],
      [2, '9'],
      [3, ''],
    ]);
    for (const { probabilities, logits, label, confidence, ...rest } of records) {
      expect(Object.keys(rest)).toEqual(['record', 'id', 'truncated']);
      expect(Object.keys(probabilities)).toEqual(LABELS);
      expect(label).toBe(LABELS[logits.indexOf(Math.max(...logits))]);
      expect(confidence).toBe(probabilities[label]);
      const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0);
      const expected = logits.map((logit) => expect.closeTo(Math.exp(logit) / sum, 6));
      expect(Object.values(probabilities)).toEqual(expected);
    }
    expect(new Set(records.map(({ logits }) => logits[0])).size).toBe(records.length);
  });

  it('has null for the id of a file without an id column', async () => {
    const { stdout } = await cli.runTiny(['predict', '-', '--format', 'jsonl'], 'Narrative\nfever\n');
    expect(jsonLines<PredictedRecord>(stdout)[0]?.id).toBe(null);
  });

  it('says which texts were cut, and tells how many', async () => {
    const input = `Narrative\nfever\n${'fever '.repeat(100)}\n`;
    const args = ['predict', '-', '--format', 'jsonl'];
    const [short, long] = [await cli.runTiny([...args, '--max-length', '3'], input), await cli.runTiny(args, input)];
    expect(jsonLines<PredictedRecord>(short.stdout).map(({ truncated }) => truncated)).toEqual([false, true]);
    expect(short.stderr).toContain('2 records predicted, 1 longer than 3 tokens');
    // The model has 64 positions, fewer than the 256 tokens that are read without the option.
    expect(long.stderr).toContain('2 records predicted, 1 longer than 64 tokens');
  });

  it('writes UTF-8 whatever the encoding of the file', async () => {
    const input = Buffer.from('\ufeffid,Narrative\né,fever\n', 'utf16le');
    const { stdout } = await cli.runTiny(['predict', '-', '--format', 'jsonl'], input);
    expect(jsonLines<PredictedRecord>(stdout)[0]?.id).toBe('é');
  });
});

describe('predict --format csv', () => {
  it('appends what --format jsonl prints', async () => {
    const [csv, jsonl] = await Promise.all([
      cli.runTiny(['predict', cases, '--probabilities', '--logits']),
      cli.runTiny(['predict', cases, '--format', 'jsonl']),
    ]);
    const [header, ...rows] = parse(csv.stdout) as string[][];
    const named = (prefix: string) => LABELS.map((label) => `${prefix}_${label}`);
    expect(header?.slice(2)).toEqual(['predicted_label', 'confidence', ...named('probability'), ...named('logit')]);
    const expected = jsonLines<PredictedRecord>(jsonl.stdout).map(({ label, confidence, probabilities, logits }) => [
      label,
      ...[confidence, ...Object.values(probabilities), ...logits].map((value) => value.toFixed(6)),
    ]);
    expect(rows.map((row) => row.slice(2))).toEqual(expected);
  });

  it('gives the same predictions from standard input and whatever lies around a record', async () => {
    const alone = await cli.runTiny(['predict', '-'], 'Narrative\ndied in hospital\n');
    const together = await cli.runTiny(['predict', cases]);
    expect(together.stdout.toString()).toMatch(`,${alone.stdout.toString().split('\n')[1]}\n`);
  });

  it('disarms formulas only where that is asked for, and leaves numbers of its own alone', async () => {
    const input = 'ID,Narrative\n=1+1,"=HYPERLINK(""x"")"\n+2,@fever\n-3,"\tpain"\n4,"a=b"\n';
    const [as, escaped] = await Promise.all([
      cli.runTiny(['predict', '-'], input),
      cli.runTiny(['predict', '-', '--escape-formulas', '--logits'], input),
    ]);
    const rows = (parse(escaped.stdout) as string[][]).slice(1);
    expect(rows.map(([id, text]) => [id, text])).toEqual([
      ["'=1+1", '\'=HYPERLINK("x")'],
      ["'+2", "'@fever"],
      ["'-3", "'\tpain"],
      ['4', 'a=b'],
    ]);
    const numbers = rows.flatMap((row) => row.slice(3));
    expect(numbers.some((number) => number.startsWith('-'))).toBe(true);
    expect(numbers.filter((number) => !/^-?\d+\.\d{6}$/.test(number))).toEqual([]);
    expect((parse(as.stdout) as string[][])[1]?.slice(0, 2)).toEqual(['=1+1', '=HYPERLINK("x")']);
  });

  it('predicts nearly the same with int8', async () => {
    const args = ['predict', cases, '--format', 'jsonl', '--precision'];
    const [exact, fast] = [await cli.runTiny([...args, 'fp32']), await cli.runTiny([...args, 'int8'])];
    const logits = (stdout: Buffer) => jsonLines<PredictedRecord>(stdout).flatMap((record) => record.logits);
    expect(logits(fast.stdout)).toEqual(logits(exact.stdout).map((value) => expect.closeTo(value, 0)));
    expect(logits(fast.stdout)).not.toEqual(logits(exact.stdout));
  });
});

describe('predict --output', () => {
  it('writes the file, and nothing but it', async () => {
    const folder = cli.path('out');
    mkdirSync(folder);
    const output = path.join(folder, 'labelled.csv');
    writeFileSync(output, 'of last week');
    const { status, stdout, stderr } = await cli.runTiny(['predict', cases, '--output', output]);
    expect([status, stdout.toString()]).toEqual([0, '']);
    expect(stderr).toContain('4 records predicted');
    expect(readdirSync(folder)).toEqual(['labelled.csv']);
    expect(parse(readFileSync(output))).toHaveLength(5);
  });

  it.skipIf(!existsSync('/dev/null'))('leaves a device a device', async () => {
    const { status } = await cli.runTiny(['predict', cases, '--output', '/dev/null']);
    expect(status).toBe(0);
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
    expect(readdirSync('/dev').filter((name) => name.startsWith('null.'))).toEqual([]);
  });
});

describe('two predictions at a time', () => {
  const other = cliFolder();

  it('both succeed with a cache that is empty', async () => {
    const runs = await Promise.all([1, 2].map(() => other.runTiny(['predict', cases])));
    expect(runs.map(({ status }) => status)).toEqual([0, 0]);
    expect(runs[0]?.stdout).toEqual(runs[1]?.stdout);
    expect(readdirSync(path.join(other.cache, 'derived'))).toHaveLength(1);
  });
});
