import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { cliFolder } from './cliFolder.ts';
import { CONFIG } from './tinyModel.ts';

const cli = cliFolder();
const file = cli.write('cases.csv', 'ID,Seriousness,Narrative\n1,Serious,SECRET fever\n');
const jammi = path.resolve(import.meta.dirname, '../../../shared/data/tiny_models/tiny_bert_jammi');

/** A copy of the tiny model in which something is changed. */
function changedModel(name: string, change: (folder: string) => void): string {
  const folder = cli.path(name);
  cpSync(cli.model, folder, { recursive: true });
  change(folder);
  return folder;
}

const writeConfig = (change: object) => (folder: string) =>
  writeFileSync(path.join(folder, 'config.json'), JSON.stringify({ ...CONFIG, ...change }));

/** One line, a code, and a sentence that says what to do. */
function expectRefusal(
  { status, stderr }: { status: number | null; stderr: string },
  code: string,
  hint: string,
): void {
  const errors = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('preparing the model'));
  expect(errors).toEqual([expect.stringMatching(new RegExp(`^error\\[${code}\\]: .*\\.$`))]);
  expect(errors[0]).toContain(hint);
  expect(stderr).not.toContain('SECRET');
  expect(status).toBe(1);
}

describe('a file that cannot be labelled', () => {
  it.each([
    ['is missing', cli.path('gone.csv'), [], 'FILE_NOT_FOUND', 'gone.csv could not be opened'],
    ['is a folder', cli.path('tiny'), [], 'FILE_NOT_FOUND', 'tiny is a folder: name a CSV file in it'],
    ['has no byte', cli.write('empty.csv', ''), [], 'EMPTY_FILE', 'needs a header record'],
    [
      'has no text column',
      cli.write('ab.csv', 'a,b\n1,2\n'),
      [],
      'NO_TEXT_COLUMN',
      'with --text. Its columns are "a", "b"',
    ],
    ['lacks the text column', file, ['--text', 'Story'], 'UNKNOWN_COLUMN', 'has no column "Story"'],
    ['lacks the id column', file, ['--id', 'key'], 'UNKNOWN_COLUMN', 'give --id one of "'],
    ['would need a column twice', file, ['--text', 'ID', '--id', 'ID'], 'UNKNOWN_COLUMN', 'has another role already'],
    ['has an unknown encoding', file, ['--encoding', 'klingon'], 'BAD_ENCODING', 'leave --encoding out'],
    ['cannot have its encoding', file, ['--encoding', 'utf-32'], 'BAD_ENCODING', 'superset of ASCII'],
  ])('is refused by predict where it %s', async (_, path, options, code, hint) => {
    const run = await cli.runTiny(['predict', path, ...options]);
    expectRefusal(run, code, hint);
    expect(run.stdout.toString()).toBe('');
  });

  it.each(['evaluate', 'tokens'])('is refused by %s in the same words', async (command) => {
    const [one, other] = await Promise.all([
      cli.runTiny([command, cli.path('gone.csv')]),
      cli.runTiny(['predict', cli.path('gone.csv')]),
    ]);
    expect([one.status, one.stderr]).toEqual([other.status, other.stderr]);
  });

  it('is refused by evaluate where it has no label column', async () => {
    const unlabelled = cli.write('unlabelled.csv', 'ID,Narrative\n1,fever\n');
    expectRefusal(await cli.runTiny(['evaluate', unlabelled]), 'NO_LABEL_COLUMN', 'name it with --label');
  });

  it('is refused on standard input, without waiting for its end', async () => {
    expectRefusal(await cli.runTiny(['tokens', '-'], ''), 'EMPTY_FILE', 'standard input is empty');
  });
});

describe('a model that cannot predict', () => {
  it.each<[string, () => string, string, string]>([
    ['is not there', () => cli.path('no-model'), 'MODEL_NOT_FOUND', 'There is no model folder at'],
    ['is a file', () => file, 'MODEL_NOT_FOUND', 'There is no model folder at'],
    [
      'has no weights',
      () => {
        const folder = cli.path('weightless');
        mkdirSync(folder);
        copyFileSync(path.join(cli.model, 'config.json'), path.join(folder, 'config.json'));
        return folder;
      },
      'MODEL_NOT_FOUND',
      'has none of the weight files that Caselight reads',
    ],
    [
      'has weights cut short',
      () => changedModel('cut', (folder) => truncateSync(path.join(folder, 'model.safetensors'), 9_000)),
      'BAD_CHECKPOINT',
      'model.safetensors',
    ],
    [
      'has weights cut short in the header',
      () => changedModel('headless', (folder) => truncateSync(path.join(folder, 'model.safetensors'), 100)),
      'BAD_CHECKPOINT',
      'model.safetensors',
    ],
    [
      'has a configuration of another shape',
      () => changedModel('misfit', writeConfig({ intermediate_size: 48 })),
      'BAD_CHECKPOINT',
      'config.json and the weights are from different models',
    ],
    [
      'has more labels than outputs',
      () => changedModel('labels', writeConfig({ id2label: { 0: 'a', 1: 'b', 2: 'c', 3: 'd' } })),
      'BAD_CHECKPOINT',
      'classifier',
    ],
    [
      'has a smaller vocabulary than its tokenizer',
      () => changedModel('vocabulary', writeConfig({ vocab_size: 300 })),
      'BAD_TOKENIZER',
      'vocab_size 300',
    ],
    ['is not a BERT', () => changedModel('gpt', writeConfig({ model_type: 'gpt2' })), 'UNSUPPORTED_MODEL', 'gpt2'],
    [
      'has a damaged configuration',
      () => changedModel('damaged', (folder) => truncateSync(path.join(folder, 'config.json'), 20)),
      'BAD_CONFIG',
      'config.json is not JSON',
    ],
  ])('is refused where it %s', async (_, model, code, hint) => {
    const run = await cli.run(['predict', file, '--model', model()]);
    expectRefusal(run, code, hint);
    expect(run.stdout.toString()).toBe('');
  });

  it.skipIf(!existsSync(jammi))('is refused where it is an encoder without a classifier', async () => {
    const run = await cli.run(['predict', file, '--model', jammi]);
    expectRefusal(run, 'NO_CLASSIFIER', 'encoder without a classification head');
    expect(run.stdout.toString()).toBe('');
  });

  it('leaves an output that was there as it was, and nothing beside it', async () => {
    const folder = cli.path('results');
    mkdirSync(folder);
    const output = path.join(folder, 'labelled.csv');
    writeFileSync(output, 'from last week');
    const model = changedModel('broken', (folder) => truncateSync(path.join(folder, 'model.safetensors'), 9_000));
    const run = await cli.run(['predict', file, '--model', model, '--output', output]);
    expectRefusal(run, 'BAD_CHECKPOINT', 'model.safetensors');
    expect([readdirSync(folder), readFileSync(output, 'utf8')]).toEqual([['labelled.csv'], 'from last week']);
  });
});

describe('an output that cannot be written', () => {
  it.each([
    ['is the input', file, 'BAD_ARGUMENT', 'would overwrite the input'],
    [
      'is the input by another way',
      path.join(cli.model, '..', 'cases.csv'),
      'BAD_ARGUMENT',
      'would overwrite the input',
    ],
    ['is a folder', cli.model, 'IO_ERROR', 'tiny is a folder'],
    ['lies in no folder', cli.path('missing/out.csv'), 'IO_ERROR', 'The folder of out.csv does not exist'],
  ])('is refused where it %s', async (_, output, code, hint) => {
    const before = readFileSync(file);
    expectRefusal(await cli.runTiny(['predict', file, '--output', output]), code, hint);
    expect(readFileSync(file)).toEqual(before);
  });

  it.skipIf(!existsSync('/dev/full'))('is told of, and no defect, where there is no space left', async () => {
    const run = await cli.runTiny(['predict', file, '--output', '/dev/full']);
    expectRefusal(run, 'IO_ERROR', 'check free space');
  });
});
