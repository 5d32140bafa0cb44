import { existsSync, readFileSync } from 'node:fs';

/** The vocabulary of BioBERT v1.1, where it is there. */
const GIVEN = '../shared/data/tokenizer/vocab.txt';

/** Where BERT's cased vocabulary has its special tokens. */
const SPECIAL = new Map([
  [0, '[PAD]'],
  [100, '[UNK]'],
  [101, '[CLS]'],
  [102, '[SEP]'],
  [103, '[MASK]'],
]);

/** The text of a `vocab.txt` of `size` tokens: BioBERT's, or else one made up of the words of the sample and of syllables. */
export function casedVocabulary(size: number): string {
  if (existsSync(GIVEN)) return readFileSync(GIVEN, 'utf8');
  const tokens = new Set(Array.from({ length: 104 }, (_, id) => SPECIAL.get(id) ?? `[unused${id}]`));
  for (let code = 33; code < 127; code++) tokens.add(String.fromCharCode(code)).add(`##${String.fromCharCode(code)}`);
  for (const [word] of readFileSync('samples/narratives.csv', 'utf8').matchAll(/[A-Za-z]+/g)) tokens.add(word);
  const syllables = [...'bcdfghjklmnprstvwz'].flatMap((consonant) => [...'aeiou'].map((vowel) => consonant + vowel));
  const pairs = syllables.flatMap((first) => syllables.map((second) => first + second));
  for (const pair of pairs) tokens.add(pair).add(`##${pair}`).add(`${pair}n`).add(`##${pair}n`);
  return `${[...tokens].slice(0, size).join('\n')}\n`;
}
