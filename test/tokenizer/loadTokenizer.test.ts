import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/core/userError.ts';
import { loadTokenizer } from '../../src/tokenizer/loadTokenizer.ts';
import { readModelConfig } from '../support/architectureFixtures.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { fixturePath } from './oracle.ts';

const special = (id: string) => ({ SpecialToken: { id, type_id: 0 } });

const definition = {
  model: { type: 'WordPiece', unk_token: '[UNK]', vocab: { '[UNK]': 0, '[CLS]': 1, '[SEP]': 2, fever: 3 } },
  normalizer: { type: 'BertNormalizer', lowercase: true },
  pre_tokenizer: { type: 'BertPreTokenizer' },
  post_processor: {
    type: 'TemplateProcessing',
    single: [special('[CLS]'), { Sequence: { id: 'A', type_id: 0 } }, special('[SEP]')],
    pair: [],
    special_tokens: {
      '[CLS]': { id: '[CLS]', ids: [1], tokens: ['[CLS]'] },
      '[SEP]': { id: '[SEP]', ids: [2], tokens: ['[SEP]'] },
    },
  },
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
    [
      'a tokenizer.json that puts nothing around a text',
      { 'tokenizer.json': JSON.stringify({ ...definition, post_processor: null }) },
      /does not put one token before a text and one behind it/,
    ],
    [
      'a tokenizer.json that puts a token before a text only',
      {
        'tokenizer.json': JSON.stringify({
          ...definition,
          post_processor: { ...definition.post_processor, single: definition.post_processor.single.slice(0, 2) },
        }),
      },
      /does not put one token before a text and one behind it/,
    ],
    [
      'a vocab.json cut short',
      { 'vocab.json': '{"<s>": 0', 'merges.txt': '' },
      /vocab\.json in my-model is not a JSON/,
    ],
    ['a vocab.json without </s>', { 'vocab.json': '{"<s>": 0}', 'merges.txt': '' }, /has no <\/s> token/],
  ])('refuses %s and says what to do', async (_, files, message) => {
    await expect(loadTokenizer(folderOf(files))).rejects.toMatchObject({
      name: 'UserError',
      code: 'BAD_TOKENIZER',
      message: expect.stringMatching(message),
    });
  });

  it('says so when the folder has none of the files, or half of a pair', async () => {
    for (const files of [{}, { 'vocab.json': '{}' }, { 'merges.txt': '' }]) {
      await expect(loadTokenizer(folderOf(files))).rejects.toMatchObject({
        code: 'MODEL_NOT_FOUND',
        message: expect.stringContaining(
          'no tokenizer.json or vocab.txt in a model folder my-model, nor vocab.json with',
        ),
      });
    }
  });

  it('says so when a file cannot be read', async () => {
    const folder = folderOf({});
    mkdirSync(path.join(folder, 'tokenizer.json'));
    await expect(loadTokenizer(folder)).rejects.toMatchObject({ name: 'UserError', code: 'IO_ERROR' });
  });

  it.each(['bert', 'roberta'] as const)('answers a damaged tokenizer.json of %s with a UserError', async (name) => {
    const bytes = readFileSync(path.join(readModelConfig(name).folder, 'tokenizer.json'));
    const folder = folderOf({});
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(7), fc.boolean(), async (place, bit, cut) => {
        const damaged = Buffer.from(cut ? bytes.subarray(0, place) : bytes);
        if (!cut) damaged[place] = (bytes[place] ?? 0) ^ (1 << bit);
        writeFileSync(path.join(folder, 'tokenizer.json'), damaged);
        await loadTokenizer(folder).catch((error: unknown) => expect(error).toBeInstanceOf(UserError));
      }),
      { numRuns: 200 },
    );
  });

  it('prefers tokenizer.json to vocab.txt', async () => {
    const files = { 'tokenizer.json': JSON.stringify(definition), 'vocab.txt': '[UNK]\n[CLS]\n[SEP]\nother\n' };
    const tokenizer = await loadTokenizer(folderOf(files));
    expect([tokenizer.tokenId('fever'), tokenizer.tokenId('other')]).toEqual([3, undefined]);
  });

  it.each([
    [{}, [1, 3, 2]],
    [{ do_lower_case: true }, [1, 3, 2]],
    [{ do_lower_case: false }, [1, 0, 2]],
  ])('lets tokenizer_config.json %j go before tokenizer.json, as transformers does', async (config, inputIds) => {
    const files = { 'tokenizer.json': JSON.stringify(definition), 'tokenizer_config.json': JSON.stringify(config) };
    expect((await loadTokenizer(folderOf(files))).encode('FEVER', 8).inputIds).toEqual(inputIds);
  });

  it('reads vocab.json and merges.txt, whose letters beyond ASCII are spelled by their bytes', async () => {
    const folder = folderOf({});
    copyFileSync(fixturePath('vocab.byteLevel.json'), path.join(folder, 'vocab.json'));
    copyFileSync(fixturePath('merges.byteLevel.txt'), path.join(folder, 'merges.txt'));
    const tokenizer = await loadTokenizer(folder);
    const tokens = ['<s>', 'fever', 'Ġpain', '</s>'];
    expect(tokenizer.encode('fever pain', 16).inputIds).toEqual(tokens.map((token) => tokenizer.tokenId(token)));
  });

  it('does not take the bytes of byte-level tokens for a wrong encoding', async () => {
    const tokens = ['<s>', '</s>', 'Ã©', 'Ã¨', 'Ã¶', 'Ã¼', 'Ã±', 'Ã§'];
    const ids = Object.fromEntries(tokens.map((token, id) => [token, id]));
    const tokenizer = await loadTokenizer(folderOf({ 'vocab.json': JSON.stringify(ids), 'merges.txt': '' }));
    expect(tokenizer.maxTokenId).toBe(7);
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
