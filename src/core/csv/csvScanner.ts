import { bodyStartOf } from './byteOrderMark.ts';
import { type CsvOptions, CsvTable } from './csvTable.ts';
import { type Dialect, sniffDialect } from './dialect.ts';
import { RecordIndexBuilder } from './recordIndex.ts';
import { RecordReader } from './recordReader.ts';

/** A guess that spares the index most of its growing; a wrong one costs a copy. */
const CHARACTERS_PER_RECORD = 128;

/**
 * Finds the records of a text in slices, so that an editor can do other work in between:
 * `while (!scanner.advance(1_000_000)) await nextTurn();`
 */
export class CsvScanner {
  readonly dialect: Dialect;
  readonly #text: string;
  readonly #options: CsvOptions;
  readonly #bodyStart: number;
  readonly #reader: RecordReader;
  readonly #index: RecordIndexBuilder;
  #position: number;

  constructor(text: string, options: CsvOptions = {}) {
    this.#text = text;
    this.#options = options;
    this.#bodyStart = bodyStartOf(text, options.bodyStart);
    this.dialect = options.dialect ?? sniffDialect(text, this.#bodyStart);
    this.#reader = new RecordReader(this.dialect.delimiter);
    this.#index = new RecordIndexBuilder(text.length / CHARACTERS_PER_RECORD);
    this.#position = this.#bodyStart;
  }

  /** How much of the text is read, in UTF-16 code units. */
  get position(): number {
    return this.#position;
  }

  /**
   * Reads on. A record under way is read to its end, so a slice may be longer than asked for.
   *
   * @param maxCharacters how much to read, 1 or more
   * @returns whether all of the text is read
   */
  advance(maxCharacters: number): boolean {
    const text = this.#text;
    const reader = this.#reader;
    const goal = Math.min(text.length, this.#position + Math.max(1, maxCharacters));
    let start = this.#position;
    while (start < goal) {
      reader.read(text, start, true);
      if (reader.end > start) this.#index.add(start, reader.end, reader.fieldCount, reader.faults);
      start = reader.next;
    }
    this.#position = start;
    return start >= text.length;
  }

  /** Reads what is left and gives the table. */
  finish(): CsvTable {
    this.advance(this.#text.length);
    return new CsvTable({
      text: this.#text,
      options: this.#options,
      dialect: this.dialect,
      bodyStart: this.#bodyStart,
      index: this.#index.build(),
    });
  }
}

/** Reads a text as a table. It never throws: what is wrong with the text is in the table's `problems`. */
export function scanCsv(text: string, options: CsvOptions = {}): CsvTable {
  return new CsvScanner(text, options).finish();
}
