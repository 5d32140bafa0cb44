import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { isMojibake } from '../../src/tokenizer/mojibake.ts';

const SHARED = path.resolve(import.meta.dirname, '../../../shared/data/tokenizer');
const letters = [...'éèàüößñçåø'];
const misread = letters.map((letter) => Buffer.from(letter, 'utf8').toString('latin1'));

describe('isMojibake', () => {
  it.each<[string, readonly string[], boolean]>([
    ['of ASCII alone', ['[CLS]', 'fever', '##s'], false],
    ['with letters as they are', ['fever', ...letters, ...letters.map((letter) => `##${letter}`)], false],
    ['with letters misread', ['fever', ...misread], true],
    ['with pieces misread', ['fever', ...misread.map((word) => `##${word}`)], true],
    ['with one odd entry', ['Ã©', ...letters], false],
  ])('of a vocabulary %s', (_, tokens, expected) => expect(isMojibake(tokens)).toBe(expected));

  it('tells the built-in vocabulary from one that was spoiled', () => {
    const { model } = JSON.parse(readFileSync('models/default/tokenizer.json', 'utf8')) as { model: { vocab: object } };
    const tokens = Object.keys(model.vocab);
    expect(isMojibake(tokens)).toBe(false);
    expect(isMojibake(tokens.map((token) => Buffer.from(token, 'utf8').toString('latin1')))).toBe(true);
  });

  it.skipIf(!existsSync(SHARED))('tells the shared vocabulary from its spoiled copy', () => {
    const read = (name: string) => readFileSync(path.join(SHARED, name), 'utf8').split('\n');
    expect(isMojibake(read('vocab.txt'))).toBe(false);
    expect(isMojibake(read('NEGATIVE_mojibake_vocab.onnxruntime-extensions.txt'))).toBe(true);
  });
});
