import { readFileSync } from 'node:fs';
import path from 'node:path';

const fixtures = path.resolve(import.meta.dirname, '../fixtures');

/** What `test/oracles/tokenizer.py` writes: ids that Hugging Face `tokenizers` gives. */
interface TokenizerFixture {
  readonly texts: readonly string[];
  /** [unit, times, rest]: the text is the unit so many times, then the rest. */
  readonly longTexts: readonly (readonly [string, number, string])[];
  readonly tokenizers: readonly OracleTokenizer[];
}

/** One tokenizer of the reference library and what it gave. */
export interface OracleTokenizer {
  /** `default`, or the vocabulary beside the fixture. */
  readonly source: string;
  /** As `tokenizer_config.json` has them. */
  readonly options: Readonly<Record<string, boolean>>;
  /** Ids of each of `texts`. */
  readonly ids: readonly (readonly number[])[];
  readonly truncations: readonly OracleTruncation[];
}

/** A long text cut to a length. */
export interface OracleTruncation {
  /** Index into `longTexts`. */
  readonly text: number;
  readonly maxLength: number;
  readonly truncated: boolean;
  readonly ids: readonly number[];
}

/** Path of a file in `test/fixtures`. */
export const fixturePath = (name: string): string => path.join(fixtures, name);

/** The committed answers of the reference tokenizer. */
export function readOracle(): TokenizerFixture {
  return JSON.parse(readFileSync(fixturePath('tokenizer.json'), 'utf8')) as TokenizerFixture;
}
