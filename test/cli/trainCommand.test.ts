import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { trainingRecords } from '../support/trainingRecords.ts';
import { cliFolder } from './cliFolder.ts';
import { exitOf, jsonLines, startCli } from './runCli.ts';

const cli = cliFolder();
const csv = (count: number) =>
  `ID,Seriousness,Narrative\n${trainingRecords(count)
    .map((record, id) => `${id},${record.label},${record.text}`)
    .join('\n')}\n9998,,nobody labelled this\n9999,Serious,\n`;
const file = cli.write('records.csv', csv(60));
const BASE = path.resolve('test/fixtures/architectures/bert');
const args = (output: string, ...more: string[]) => [
  'train',
  file,
  '--output',
  cli.path(output),
  '--base',
  BASE,
  '--threads',
  '1',
  '--learning-rate',
  '1e-3',
  ...more,
];

interface Line {
  readonly type: string;
  readonly [field: string]: unknown;
}

describe('train', () => {
  it('tells epoch by epoch, and writes a model that predicts', async () => {
    const { status, stdout, stderr } = await cli.run(args('lines', '--epochs', '2'));
    expect(status).toBe(0);
    const lines = stdout.toString();
    expect(lines).toMatch(/^epoch 1 of 2: loss [\d.]+, accuracy [\d.]+ %; held out: loss .*\nepoch 2 of 2: /);
    expect(lines).toMatch(/the weights of epoch 2 of 2, after \d+ s\n\non the held-out records +new +before\naccuracy/);
    expect(stderr).toContain('2 records without a narrative or a label are left out');
    const predicted = await cli.run(['evaluate', file, '--model', cli.path('lines'), '--json']);
    expect(JSON.parse(predicted.stdout.toString())).toMatchObject({ scored: 61, unlabelled: 1 });
  });

  it('prints events as JSON, as the contract names them', async () => {
    const { status, stdout } = await cli.run(
      args('json', '--epochs', '2', '--json', '--scope', 'last-1', '--seed', '7'),
    );
    expect(status).toBe(0);
    const lines = jsonLines<Line>(stdout);
    const types = lines.map(({ type }) => type);
    expect(types.filter((type) => !['step', 'preparing', 'note'].includes(type))).toEqual([
      'start',
      'epoch',
      'epoch',
      'done',
    ]);
    const epoch = lines.find(({ type }) => type === 'epoch') ?? {};
    for (const name of [
      'trainLoss',
      'trainAccuracy',
      'validationLoss',
      'validationAccuracy',
      'validationMacroF1',
      'seconds',
    ]) {
      expect(epoch).toHaveProperty(name, expect.any(Number));
    }
    expect(lines.at(-1)).toMatchObject({ type: 'done', directory: cli.path('json'), epochs: 2 });
    expect(stdout.toString()).not.toMatch(/fever|seizure/);
  });

  it('goes on after a kill -9 when the same command is run again, to the same weights', async () => {
    const whole = await cli.run(args('whole', '--epochs', '6'));
    expect(whole.status).toBe(0);
    const child = startCli(args('killed', '--epochs', '6', '--json'), cli.cache);
    child.stdin.end();
    let seen = '';
    child.stdout.on('data', (data: Buffer) => {
      seen += data.toString();
      if (/"type":"epoch","epoch":2/.test(seen)) child.kill('SIGKILL');
    });
    expect(await exitOf(child)).toBe(null);
    expect(existsSync(cli.path('killed'))).toBe(false);
    const again = await cli.run(args('killed', '--epochs', '6', '--json'));
    expect(again.status).toBe(0);
    const epochs = jsonLines<Line>(again.stdout).filter(({ type }) => type === 'epoch');
    expect(epochs.length).toBeLessThan(6);
    const weights = (name: string) => readFileSync(path.join(cli.path(name), 'model.safetensors'));
    expect(weights('killed').equals(weights('whole'))).toBe(true);
    expect(readdirSync(path.join(cli.cache, 'training'))).toEqual([]);
  });

  it('stops cleanly at SIGINT, with nothing left', async () => {
    const child = startCli(args('stopped', '--epochs', '500', '--json'), cli.cache);
    child.stdin.end();
    child.stdout.on('data', (data: Buffer) => {
      if (!child.killed && data.toString().includes('"type":"epoch"')) child.kill('SIGINT');
    });
    expect(await exitOf(child)).toBe(1);
    expect(existsSync(cli.path('stopped'))).toBe(false);
    expect(readdirSync(path.join(cli.cache, 'training'))).toEqual([]);
  });

  it.skipIf(process.platform === 'win32').each(['SIGTERM', 'SIGHUP'] as const)(
    'keeps its checkpoint at %s, which no person sends, and goes on',
    async (signal) => {
      const child = startCli(args(signal, '--epochs', '30', '--json'), cli.cache);
      child.stdin.end();
      const errors = text(child.stderr);
      let seen = '';
      child.stdout.on('data', (data: Buffer) => {
        seen += data.toString();
        // A second one ends it at once.
        if (!child.killed && /"type":"epoch","epoch":2/.test(seen)) child.kill(signal);
      });
      expect(await exitOf(child)).toBe(1);
      expect(await errors).toMatch(
        /What was trained until epoch \d+ is kept: the same command goes on there\.[\s\S]*error\[CANCELLED\].*Run the command again\./,
      );
      expect(existsSync(cli.path(signal))).toBe(false);
      const again = await cli.run(args(signal, '--epochs', '30', '--json'));
      expect(again.status).toBe(0);
      const lines = jsonLines<Line>(again.stdout);
      expect(lines.find(({ type }) => type === 'note')?.message).toMatch(
        /^Goes on after epoch \d+, where it was cut off/,
      );
      expect(lines.filter(({ type }) => type === 'epoch').length).toBeLessThan(29);
      expect(readdirSync(path.join(cli.cache, 'training'))).toEqual([]);
    },
  );

  it.each<[string, string[], number, RegExp]>([
    ['no FILE', ['train', '--output', 'x'], 2, /train takes one FILE/],
    ['no folder', ['train', file], 2, /--output DIR/],
    ['a scope that is none', args('x', '--scope', 'top-2'), 2, /--scope takes full, last-N such as last-2, or head/],
    ['a share of 1', args('x', '--validation', '1'), 2, /--validation takes a share from 0 to less than 1/],
    ['a learning rate of 0', args('x', '--learning-rate', '0'), 2, /--learning-rate takes a number above 0/],
    ['a folder that is there', args('lines'), 1, /error\[OUTPUT_EXISTS\]/],
    ['an engine that is not there', args('x', '--engine', 'tensorflow'), 1, /error\[ENGINE_NOT_INSTALLED\]/],
  ])('refuses %s', async (_, command, expected, message) => {
    const { status, stderr } = await cli.run(command);
    expect([status, stderr]).toEqual([expected, expect.stringMatching(message)]);
    expect(existsSync(cli.path('x'))).toBe(false);
  });
});
