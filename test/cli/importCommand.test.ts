import { copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { parseBertConfig } from '../../src/checkpoint/bertConfig.ts';
import { bertTensorShapes } from '../../src/checkpoint/bertTensors.ts';
import { safetensorsFromHeader } from '../support/safetensorsBytes.ts';
import { fixturePath } from '../tokenizer/oracle.ts';
import { cliFolder } from './cliFolder.ts';
import { exitOf, startCli } from './runCli.ts';
import { CONFIG } from './tinyModel.ts';

const cli = cliFolder();

/** A folder of its own for what a test makes. */
function emptyFolder(name: string): string {
  mkdirSync(cli.path(name));
  return cli.path(name);
}

describe('import', () => {
  it('says what it found as lines, with progress apart from them', async () => {
    const output = path.join(emptyFolder('lines'), 'model');
    const { status, stdout, stderr } = await cli.run(['import', cli.model, '--output', output, '--name', 'Arms']);
    expect([status, stderr]).toEqual([0, 'preparing the model in fp32; this happens once\n']);
    expect(stdout.toString().split('\n')).toEqual([
      'model         Arms',
      `folder        ${output}`,
      'architecture  BERT, 2 layers of 16, 2 heads',
      'parameters    10,739',
      'vocabulary    305 tokens',
      'longest text  64 tokens',
      'read from     model.safetensors, F32',
      'size          43 kB',
      'labels        3: D/LT, Non-serious, Serious, "hospitalized"',
      'head          from the checkpoint',
      'left out      0 tensors that a classifier does not need',
      'proof         loaded, and one sentence predicted',
      'Nothing says whether the vocabulary is cased; it has capital letters, so texts keep theirs.',
      '',
    ]);
  });

  it('makes a model that predicts as the checkpoint does, with other labels', async () => {
    const output = path.join(emptyFolder('labels'), 'model');
    const imported = await cli.run(['import', cli.model, '--output', output, '--labels', 'x, y,z', '--json']);
    expect([imported.status, JSON.parse(imported.stdout.toString())]).toEqual([
      0,
      expect.objectContaining({ directory: output, name: 'model', labels: ['x', 'y', 'z'], head: 'present' }),
    ]);
    const logits = async (model: string) => {
      const { stdout } = await cli.run(['classify', 'Fever and pain', 'Death', '--json', '--model', model]);
      return (JSON.parse(stdout.toString()) as { label: string; logits: number[] }[]).map((each) => each.logits);
    };
    expect(await logits(output)).toEqual(await logits(cli.model));
  });

  it.each<[string, string[], string]>([
    ['no folder', ['import'], 'import takes one DIR.'],
    ['two folders', ['import', 'a', 'b', '--output', 'c'], 'import takes one DIR.'],
    ['no output', ['import', 'a'], 'import takes the folder to make with --output DIR2.'],
    ['standard output', ['import', 'a', '--output', '-'], 'import takes the folder to make with --output DIR2.'],
    ['a seed that is no number', ['import', 'a', '--output', 'b', '--seed', 'x'], '--seed takes a whole number'],
  ])('is used wrongly with %s', async (_, args, message) => {
    const { status, stdout, stderr } = await cli.run(args);
    expect([status, stdout.toString()]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });

  it.each<[string, () => string[], string, string]>([
    ['a missing folder', () => [cli.path('gone'), '--output', cli.path('never')], 'MODEL_NOT_FOUND', 'no folder gone'],
    ['its own folder', () => [cli.model, '--output', cli.model], 'BAD_ARGUMENT', 'would overwrite the checkpoint'],
    ['a folder in use', () => [cli.model, '--output', cli.cache], 'OUTPUT_EXISTS', 'under the name cache already'],
    [
      'labels that do not fit',
      () => [cli.model, '--output', cli.path('never'), '--labels', 'a,b'],
      'BAD_ARGUMENT',
      'for 3 labels, and 2 were given',
    ],
  ])('refuses %s with status 1', async (_, args, code, message) => {
    mkdirSync(path.join(cli.cache, 'used'), { recursive: true });
    const { status, stdout, stderr } = await cli.run(['import', ...args()]);
    expect([status, stdout.toString()]).toEqual([1, '']);
    expect(stderr).toMatch(new RegExp(`^error\\[${code}\\]: .*\\.\n$`));
    expect(stderr).toContain(message);
    expect(readdirSync(cli.path('.'))).not.toContain('never');
  });
});

/** A checkpoint of 180 MB of zeros, which take no room on the disk. */
function largeCheckpoint(folder: string): string {
  const source = path.join(folder, 'source');
  mkdirSync(source);
  const config = JSON.stringify({
    ...CONFIG,
    hidden_size: 1024,
    num_attention_heads: 16,
    intermediate_size: 4096,
    vocab_size: 20_000,
  });
  let end = 0;
  const header = [...bertTensorShapes(parseBertConfig(config))].map(([name, shape]) => {
    const begin = end;
    end += shape.reduce((product, size) => product * size, 4);
    return [name, { dtype: 'F32', shape, data_offsets: [begin, end] }] as const;
  });
  const start = safetensorsFromHeader(Object.fromEntries(header), new Uint8Array());
  const weights = path.join(source, 'model.safetensors');
  writeFileSync(weights, start);
  truncateSync(weights, start.length + end);
  writeFileSync(path.join(source, 'config.json'), config);
  copyFileSync(fixturePath('vocab.cased.txt'), path.join(source, 'vocab.txt'));
  return source;
}

// Windows has no signals that a process could catch.
describe.skipIf(process.platform === 'win32')('an import that is interrupted', () => {
  const stagings = (folder: string) => readdirSync(folder).filter((name) => name.startsWith('.caselight-making-'));

  /** Starts an import and sends it a signal when it has written a part of the weights. */
  async function interrupted(folder: string, source: string, signal: NodeJS.Signals): Promise<number | null> {
    const child = startCli(['import', source, '--output', path.join(folder, 'model')], cli.cache);
    child.stdin.end();
    const written = () =>
      stagings(folder).reduce((sum, name) => {
        const weights = path.join(folder, name, 'new', 'model.safetensors');
        return sum + (statSync(weights, { throwIfNoEntry: false })?.size ?? 0);
      }, 0);
    for (let waited = 0; written() < 1_000_000; waited += 2) {
      if (waited > 20_000) throw new Error('nothing was written in 20 s');
      await delay(2);
    }
    child.kill(signal);
    return exitOf(child);
  }

  it.each(['SIGINT', 'SIGTERM'] as const)('by %s leaves nothing', async (signal) => {
    const folder = emptyFolder(signal);
    expect(await interrupted(folder, largeCheckpoint(folder), signal)).toBe(1);
    expect(readdirSync(folder)).toEqual(['source']);
  });

  it('by kill -9 leaves nothing under its name, and a later import tidies up', async () => {
    const folder = emptyFolder('SIGKILL');
    expect(await interrupted(folder, largeCheckpoint(folder), 'SIGKILL')).toBe(null);
    const [leftover = '', ...more] = stagings(folder);
    expect([readdirSync(folder).sort(), more]).toEqual([[leftover, 'source'], []]);
    expect((await cli.run(['import', cli.model, '--output', path.join(folder, 'model')])).status).toBe(0);
    expect(readdirSync(folder).sort()).toEqual(['model', 'source']);
    expect(JSON.parse(readFileSync(path.join(folder, 'model', 'caselight.json'), 'utf8')).name).toBe('model');
  });
});
