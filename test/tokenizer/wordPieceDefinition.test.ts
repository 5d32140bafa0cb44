import { describe, expect, it } from 'vitest';
import { isUncasedVocabulary, parseVocabulary, wordPieceDefinition } from '../../src/tokenizer/wordPieceDefinition.ts';

describe('parseVocabulary', () => {
  it.each([
    ['one token a line', '[PAD]\nfever\n##ing\n', ['[PAD]', 'fever', '##ing']],
    ['a last line without its end', 'a\nb', ['a', 'b']],
    ['the line ends of Windows', 'a\r\nb\r\n', ['a', 'b']],
    ['an empty line, which has an id', 'a\n\nb\n', ['a', '', 'b']],
    ['blanks, which may be part of a token', 'a \n\u00a0\n', ['a ', '\u00a0']],
    ['no token', '', []],
  ])('reads %s', (_, text, tokens) => {
    expect(parseVocabulary(text)).toEqual(tokens);
  });
});

describe('isUncasedVocabulary', () => {
  it.each([
    ['lower-case words', ['fever', '##ing', '1', ','], true],
    ['capitals in special tokens only', ['[CLS]', '[unused1]', '[SEP]', 'a'], true],
    ['one capital', ['fever', 'Fever'], false],
    ['one capital within a piece', ['##IV'], false],
    ['a capital of another script', ['Σ'], false],
    ['letters without case', ['博', 'क'], true],
    ['nothing', [], true],
  ])('decides for %s', (_, tokens, expected) => {
    expect(isUncasedVocabulary(tokens)).toBe(expected);
  });
});

describe('wordPieceDefinition', () => {
  const tokens = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', 'fever', 'Fever'];

  it('has every token under its line number, and the special ones that are there', () => {
    const definition = wordPieceDefinition(tokens);
    expect(definition).toMatchObject({
      added_tokens: [
        { id: 0, content: '[PAD]' },
        { id: 1, content: '[UNK]' },
        { id: 2, content: '[CLS]' },
        { id: 3, content: '[SEP]' },
      ],
      model: { vocab: { '[PAD]': 0, '[UNK]': 1, '[CLS]': 2, '[SEP]': 3, fever: 4, Fever: 5 } },
    });
  });

  it.each([
    [{}, { lowercase: false, strip_accents: null, handle_chinese_chars: true }],
    [{ lowercase: true }, { lowercase: true, strip_accents: null, handle_chinese_chars: true }],
    [{ stripAccents: false }, { lowercase: false, strip_accents: false, handle_chinese_chars: true }],
    [{ splitChinese: false }, { lowercase: false, strip_accents: null, handle_chinese_chars: false }],
  ])('with the options %o normalizes as asked', (options, normalizer) => {
    expect(wordPieceDefinition(tokens, options)).toMatchObject({
      normalizer: { type: 'BertNormalizer', clean_text: true, ...normalizer },
    });
  });

  it('gives a token that stands in the vocabulary twice its last id, as Hugging Face does', () => {
    expect(wordPieceDefinition(['[UNK]', '[CLS]', '[SEP]', 'a', 'a'])).toMatchObject({ model: { vocab: { a: 4 } } });
  });
});
