import { copyFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadTokenizer } from '../../src/tokenizer/loadTokenizer.ts';
import { TextTokenizer } from '../../src/tokenizer/textTokenizer.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { fixturePath, type OracleTokenizer, readOracle } from './oracle.ts';

const { texts, longTexts, tokenizers } = readOracle();
const defaultModel = path.resolve(import.meta.dirname, '../../models/default');

async function open({ source, options }: OracleTokenizer): Promise<TextTokenizer> {
  if (source === 'default') return loadTokenizer(defaultModel);
  const folder = temporaryFolder();
  if (source.endsWith('.txt')) copyFileSync(fixturePath(source), path.join(folder, 'vocab.txt'));
  else {
    copyFileSync(fixturePath(source), path.join(folder, 'vocab.json'));
    copyFileSync(fixturePath('merges.byteLevel.txt'), path.join(folder, 'merges.txt'));
  }
  writeFileSync(path.join(folder, 'tokenizer_config.json'), JSON.stringify(options));
  return loadTokenizer(folder);
}

/** The token that ends a text. */
const lastToken = ({ source }: OracleTokenizer) => (source.endsWith('.json') ? '</s>' : '[SEP]');

const named = tokenizers.map((oracle) => [`${oracle.source} ${JSON.stringify(oracle.options)}`, oracle] as const);

describe('the oracle', () => {
  it('has many texts, all different, for every tokenizer', () => {
    expect(new Set(texts).size).toBe(texts.length);
    expect(texts.length).toBeGreaterThanOrEqual(150);
    expect(tokenizers.map(({ ids }) => ids.length)).toEqual(tokenizers.map(() => texts.length));
  });
});

describe.each(named)('TextTokenizer of %s', (_, oracle) => {
  it('gives the ids of the reference tokenizer', async () => {
    const tokenizer = await open(oracle);
    const encoded = texts.map((text) => ({ text, ...tokenizer.encode(text, 100_000) }));
    expect(encoded).toEqual(texts.map((text, i) => ({ text, inputIds: oracle.ids[i], truncated: false })));
  });

  it('cuts long texts where the reference tokenizer does, and keeps the last token', async () => {
    const tokenizer = await open(oracle);
    const found = oracle.truncations.map(({ text, maxLength }) => {
      const [unit, times, rest] = longTexts[text] ?? ['', 0, ''];
      const { inputIds, truncated } = tokenizer.encode(unit.repeat(times) + rest, maxLength);
      return { text, maxLength, truncated, ids: inputIds };
    });
    expect(found).toEqual(oracle.truncations);
    expect(new Set(found.map(({ ids }) => ids.at(-1)))).toEqual(new Set([tokenizer.tokenId(lastToken(oracle))]));
  });

  it('has the ids at a short length that the whole text begins with', async () => {
    const tokenizer = await open(oracle);
    for (const [i, text] of texts.entries()) {
      const whole = oracle.ids[i] ?? [];
      const { inputIds, truncated } = tokenizer.encode(text, 5);
      expect(inputIds).toEqual(whole.length > 5 ? [...whole.slice(0, 4), whole.at(-1)] : whole);
      expect(truncated).toBe(whole.length > 5);
    }
  });
});

describe('TextTokenizer', () => {
  it('leaves only [CLS] and [SEP] at length 2', async () => {
    const tokenizer = await loadTokenizer(defaultModel);
    expect(tokenizer.encode('fever', 2)).toEqual({ inputIds: [101, 102], truncated: true });
    expect(tokenizer.encode('', 2)).toEqual({ inputIds: [101, 102], truncated: false });
  });

  it.each([1, 0, -1])('takes a length of %i as a mistake of its caller', async (maxLength) => {
    const tokenizer = await loadTokenizer(defaultModel);
    expect(() => tokenizer.encode('fever', maxLength)).toThrow(`maxLength ${maxLength}`);
  });

  it('knows its largest id and the ids of its tokens', async () => {
    const tokenizer = await loadTokenizer(defaultModel);
    expect(tokenizer.maxTokenId).toBe(30_521);
    expect([tokenizer.tokenId('fever'), tokenizer.tokenId('no such token')]).toEqual([9_016, undefined]);
  });

  it('does not count up to an id that is far too large', () => {
    const vocab = { '[UNK]': 0, '[CLS]': 1, '[SEP]': 4_000_000_000 };
    const parts = { normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null, added_tokens: [] };
    const tokenizer = new TextTokenizer({ ...parts, model: { type: 'WordPiece', unk_token: '[UNK]', vocab } }, {});
    const start = performance.now();
    expect(tokenizer.maxTokenId).toBe(4_000_000_000);
    expect([...tokenizer.tokens()]).toEqual(Object.keys(vocab));
    expect(performance.now() - start).toBeLessThan(1_000);
  });

  it('gives a lone surrogate, which no encoding can write, some ids and no error', async () => {
    const tokenizer = await loadTokenizer(defaultModel);
    const { inputIds } = tokenizer.encode('fever \ud800 pain', 16);
    expect([inputIds[0], inputIds.at(-1)]).toEqual([101, 102]);
    expect(inputIds).toContain(tokenizer.tokenId('pain'));
  });

  it('reads no more of a text of millions of characters than it needs', async () => {
    const tokenizer = await loadTokenizer(defaultModel);
    const text = 'fever and pain '.repeat(1_000_000);
    const start = performance.now();
    expect(tokenizer.encode(text, 256).inputIds).toHaveLength(256);
    // The whole text takes tens of seconds.
    expect(performance.now() - start).toBeLessThan(1_000);
  });
});
