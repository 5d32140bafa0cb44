import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadTokenizer } from '../../src/tokenizer/loadTokenizer.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { fixturePath } from './oracle.ts';

const definition = {
  model: { type: 'WordPiece', unk_token: '[UNK]', vocab: { '[UNK]': 0, '[CLS]': 1, '[SEP]': 2, fever: 3 } },
  normalizer: { type: 'BertNormalizer', lowercase: true },
  pre_tokenizer: { type: 'BertPreTokenizer' },
  post_processor: null,
  decoder: null,
  added_tokens: [],
};

/** A model folder with these files. */
function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = path.join(temporaryFolder(), 'my-model');
  mkdirSync(folder);
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder, name), content);
  return folder;
}

describe('loadTokenizer', () => {
  it.each<[string, Readonly<Record<string, string>>, RegExp]>([
    ['a tokenizer.json cut short', { 'tokenizer.json': '{"model": {"vo' }, /tokenizer\.json in my-model is not a JSON/],
    ['an empty tokenizer.json', { 'tokenizer.json': '' }, /is not a JSON object/],
    ['a tokenizer.json that is a list', { 'tokenizer.json': '[]' }, /is not a JSON object/],
    ['a tokenizer.json that is null', { 'tokenizer.json': 'null' }, /is not a JSON object/],
    [
      'a pointer of Git LFS',
      { 'tokenizer.json': 'version https://git-lfs.github.com/spec/v1\noid sha256:0' },
      /pointer of Git LFS/,
    ],
    ['a tokenizer.json of something else', { 'tokenizer.json': '{"a": 1}' }, /not a tokenizer that Caselight can read/],
    [
      'a tokenizer.json with an unknown normalizer',
      { 'tokenizer.json': JSON.stringify({ ...definition, normalizer: { type: 'Sorcery' } }) },
      /not a tokenizer that Caselight can read/,
    ],
    [
      'a tokenizer_config.json that is no JSON',
      { 'vocab.txt': '[UNK]\n[CLS]\n[SEP]\n', 'tokenizer_config.json': 'do_lower_case: true' },
      /tokenizer_config\.json in my-model is not a JSON object/,
    ],
    ['a vocabulary without [CLS]', { 'vocab.txt': '[UNK]\n[SEP]\nfever\n' }, /has no \[CLS\] token/],
    ['a vocabulary without [SEP]', { 'vocab.txt': '[UNK]\n[CLS]\nfever\n' }, /has no \[SEP\] token/],
    ['a vocabulary without [UNK]', { 'vocab.txt': '[CLS]\n[SEP]\nfever\n' }, /has no \[UNK\] token/],
    ['an empty vocab.txt', { 'vocab.txt': '' }, /has no \[CLS\] token/],
    [
      'a tokenizer.json without [SEP]',
      {
        'tokenizer.json': JSON.stringify({
          ...definition,
          model: { ...definition.model, vocab: { '[UNK]': 0, '[CLS]': 1 } },
        }),
      },
      /has no \[SEP\] token/,
    ],
  ])('refuses %s and says what to do', async (_, files, message) => {
    await expect(loadTokenizer(folderOf(files))).rejects.toMatchObject({
      name: 'UserError',
      code: 'BAD_TOKENIZER',
      message: expect.stringMatching(message),
    });
  });

  it('says so when the folder has neither file', async () => {
    await expect(loadTokenizer(folderOf({}))).rejects.toMatchObject({
      code: 'MODEL_NOT_FOUND',
      message: expect.stringContaining('no tokenizer.json or vocab.txt in a model folder my-model: check the path'),
    });
  });

  it('says so when a file cannot be read', async () => {
    const folder = folderOf({});
    mkdirSync(path.join(folder, 'tokenizer.json'));
    await expect(loadTokenizer(folder)).rejects.toMatchObject({ name: 'UserError', code: 'IO_ERROR' });
  });

  it('prefers tokenizer.json to vocab.txt', async () => {
    const files = { 'tokenizer.json': JSON.stringify(definition), 'vocab.txt': '[UNK]\n[CLS]\n[SEP]\nother\n' };
    const tokenizer = await loadTokenizer(folderOf(files));
    expect([tokenizer.tokenId('fever'), tokenizer.tokenId('other')]).toEqual([3, undefined]);
  });

  it.each([
    ['lower-cases with an uncased vocabulary', 'vocab.uncased.txt', {}, 'FEVER', 'fever'],
    ['keeps capitals with a cased vocabulary', 'vocab.cased.txt', {}, 'Fever', 'Fever'],
    ['does what tokenizer_config.json says', 'vocab.cased.txt', { do_lower_case: true }, 'Fever', 'fever'],
    ['strips accents as tokenizer_config.json says', 'vocab.cased.txt', { strip_accents: true }, 'Féver', 'Fever'],
    ['passes over options of another type', 'vocab.cased.txt', { do_lower_case: 'yes' }, 'Fever', 'Fever'],
  ])('%s', async (_, vocabulary, config, text, token) => {
    const folder = folderOf({ 'tokenizer_config.json': JSON.stringify(config) });
    copyFileSync(fixturePath(vocabulary), path.join(folder, 'vocab.txt'));
    const tokenizer = await loadTokenizer(folder);
    expect(tokenizer.encode(text, 16).inputIds.slice(1, -1)).toEqual([tokenizer.tokenId(token)]);
  });
});
