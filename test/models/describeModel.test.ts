import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeModel, modelStamp } from '../../src/models/describeModel.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const config = {
  model_type: 'bert',
  hidden_size: 8,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  intermediate_size: 16,
  vocab_size: 20,
  id2label: { 0: 'a', 1: 'b' },
};

const FILES = {
  'config.json': JSON.stringify(config),
  'tokenizer.json': '{}',
  'tokenizer_config.json': '{}',
  'vocab.txt': '[PAD]\n',
  'model.safetensors': 'weights',
};

/** A model folder of these files; what is in them is not looked at, but for config.json. */
function modelFolder(files: Readonly<Record<string, string>> = FILES): string {
  const folder = path.join(temporaryFolder(), 'my-model');
  mkdirSync(folder);
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder, name), content);
  return folder;
}

describe('describeModel', () => {
  it('tells folder, configuration, name and hash', async () => {
    const folder = modelFolder();
    expect(await describeModel(folder)).toEqual({
      directory: folder,
      name: 'my-model',
      config: expect.objectContaining({ hiddenSize: 8, labels: ['a', 'b'] }),
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      stamp: await modelStamp(folder),
    });
  });

  it('has another stamp as soon as one of its files changes', async () => {
    const folder = modelFolder();
    const { stamp } = await describeModel(folder);
    expect(await modelStamp(folder)).toBe(stamp);
    writeFileSync(path.join(folder, 'vocab.txt'), 'x');
    expect(await modelStamp(folder)).not.toBe(stamp);
  });

  it.each([
    ['its name', '{"name": "Seriousness, September"}', 'Seriousness, September'],
    ['no name', '{}', 'my-model'],
    ['an empty name', '{"name": ""}', 'my-model'],
    ['a name that is no text', '{"name": 7}', 'my-model'],
    ['nothing that is JSON', '{', 'my-model'],
    ['null', 'null', 'my-model'],
  ])('takes the name where caselight.json holds %s', async (_, manifest, name) => {
    expect((await describeModel(modelFolder({ ...FILES, 'caselight.json': manifest }))).name).toBe(name);
  });

  it('gives copies in other folders the same hash, whatever else lies beside', async () => {
    const copy = modelFolder({ ...FILES, 'caselight.json': '{"name": "x"}', 'README.md': 'a copy' });
    expect((await describeModel(copy)).hash).toBe((await describeModel(modelFolder())).hash);
  });

  it('gives another hash when a byte of any file, or which file holds it, changes', async () => {
    const { 'tokenizer.json': _, ...withoutTokenizer } = FILES;
    const variants = [
      FILES,
      { ...FILES, 'config.json': `${FILES['config.json']} ` },
      { ...FILES, 'tokenizer.json': '{} ' },
      { ...FILES, 'tokenizer_config.json': '{} ' },
      { ...FILES, 'vocab.txt': '[PAD]' },
      { ...FILES, 'model.safetensors': 'weightz' },
      { ...FILES, 'vocab.txt': '{}', 'tokenizer_config.json': '[PAD]\n' },
      { ...FILES, 'tokenizer.json': '', 'vocab.txt': '{}[PAD]\n' },
      withoutTokenizer,
    ];
    const hashes = await Promise.all(variants.map(async (files) => (await describeModel(modelFolder(files))).hash));
    expect(new Set(hashes).size).toBe(variants.length);
  });

  it.each([
    ['config.json', 'The folder my-model has no readable config.json'],
    ['model.safetensors', 'The folder my-model has none of the weight files that Caselight reads'],
  ])('says so when %s is missing', async (file, message) => {
    const folder = modelFolder();
    rmSync(path.join(folder, file));
    await expect(describeModel(folder)).rejects.toMatchObject({
      name: 'UserError',
      code: 'MODEL_NOT_FOUND',
      message: expect.stringContaining(message),
    });
  });

  it('says so when a file of the model cannot be read', async () => {
    const folder = modelFolder();
    rmSync(path.join(folder, 'vocab.txt'));
    mkdirSync(path.join(folder, 'vocab.txt'));
    await expect(describeModel(folder)).rejects.toMatchObject({ code: 'IO_ERROR', message: /vocab\.txt/ });
  });

  it.each([
    ['there is nothing', (folder: string) => path.join(folder, 'gone')],
    ['there is a file', (folder: string) => path.join(folder, 'config.json')],
  ])('says that there is no model where %s', async (_, place) => {
    await expect(describeModel(place(modelFolder()))).rejects.toMatchObject({
      code: 'MODEL_NOT_FOUND',
      message: expect.stringMatching(/^There is no model folder at /),
    });
  });

  it('passes on what is wrong with config.json', async () => {
    await expect(describeModel(modelFolder({ ...FILES, 'config.json': '{' }))).rejects.toMatchObject({
      code: 'BAD_CONFIG',
    });
  });
});
