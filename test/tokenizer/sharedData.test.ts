import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadTokenizer } from '../../src/tokenizer/loadTokenizer.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const data = path.resolve(import.meta.dirname, '../../../shared/data/tokenizer');
const isPresent = existsSync(data);

interface GoldenCase {
  readonly text: string;
  readonly ids: readonly number[];
}

interface ToyGolden {
  readonly vocab: readonly string[];
  readonly full_lower: readonly (readonly [string, readonly string[], readonly number[]])[];
  readonly wordpiece: readonly (readonly [string, readonly string[]])[];
  readonly [test: `basic_${string}`]: readonly (readonly [string, readonly string[]])[];
}

const read = (name: string): string => readFileSync(path.join(data, name), 'utf8');

/** A folder with some of the files only. */
function folderWith(...names: string[]): string {
  const folder = temporaryFolder();
  for (const name of names) copyFileSync(path.join(data, name), path.join(folder, name));
  return folder;
}

describe.skipIf(!isPresent)('the cased vocabulary of BERT', () => {
  it.each([
    ['tokenizer.json and tokenizer_config.json', ['tokenizer.json', 'tokenizer_config.json']],
    ['tokenizer.json alone', ['tokenizer.json']],
    ['vocab.txt and tokenizer_config.json', ['vocab.txt', 'tokenizer_config.json']],
    ['vocab.txt alone', ['vocab.txt']],
  ])('gives the golden ids, loaded from %s', async (_, names) => {
    const tokenizer = await loadTokenizer(folderWith(...names));
    const cases = read('golden_cased.jsonl')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as GoldenCase);
    expect(cases.length).toBeGreaterThan(100);
    for (const { text, ids } of cases) {
      expect(tokenizer.encode(text, 512), text).toEqual({ inputIds: ids, truncated: false });
    }
  });
});

describe.skipIf(!isPresent)("the toy cases of transformers' own tests", () => {
  const toy = isPresent ? (JSON.parse(read('hf_toy_golden.json')) as ToyGolden) : undefined;

  /** Loads a vocabulary and says which tokens a text has, special ones left out. */
  async function tokensOf(vocabulary: readonly string[], options: object): Promise<(text: string) => string[]> {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, 'vocab.txt'), `${vocabulary.join('\n')}\n`);
    writeFileSync(path.join(folder, 'tokenizer_config.json'), JSON.stringify(options));
    const tokenizer = await loadTokenizer(folder);
    return (text) =>
      tokenizer
        .encode(text, 512)
        .inputIds.slice(1, -1)
        .map((id) => vocabulary[id] ?? '');
  }

  it('have the tokens and ids of the full tokenizer', async () => {
    const tokens = await tokensOf(toy?.vocab ?? [], { do_lower_case: true });
    expect(toy?.full_lower.length).toBeGreaterThan(0);
    for (const [text, expected, ids] of toy?.full_lower ?? []) {
      expect(tokens(text)).toEqual(expected);
      expect(expected.map((token) => toy?.vocab.indexOf(token))).toEqual(ids);
    }
  });

  it('have the word pieces', async () => {
    const tokens = await tokensOf(toy?.vocab ?? [], { do_lower_case: false });
    for (const [text, expected] of toy?.wordpiece ?? []) expect(tokens(text)).toEqual(expected);
  });

  // The basic tokenizer is seen through a vocabulary in which each word it should find is one token.
  it.each([
    ['basic_no_lower', { do_lower_case: false }],
    ['basic_no_lower_keep_accents', { do_lower_case: false, strip_accents: false }],
    ['basic_no_lower_strip_accents', { do_lower_case: false, strip_accents: true }],
    ['basic_lower', { do_lower_case: true }],
    ['basic_punct', { do_lower_case: true }],
    ['basic_chinese', { do_lower_case: true }],
    ['basic_control', { do_lower_case: true }],
  ] as const)('have the words of %s', async (name, options) => {
    const cases = toy?.[name] ?? [];
    expect(cases.length).toBeGreaterThan(0);
    const words = new Set(['[UNK]', '[CLS]', '[SEP]', ...cases.flatMap(([, expected]) => expected)]);
    const tokens = await tokensOf([...words], options);
    for (const [text, expected] of cases) expect(tokens(text)).toEqual(expected);
  });
});
