import { UserError } from '../userError.ts';
import { bodyStartOf } from './byteOrderMark.ts';
import type { CsvOptions } from './csvTable.ts';
import { type Delimiter, type Dialect, type Newline, SNIFFED_CHARACTERS, sniffDialect } from './dialect.ts';
import { type FieldRange, splitRecord } from './fields.ts';
import { type CsvProblem, findDuplicateHeaders, findRecordProblems } from './problems.ts';
import { RecordReader } from './recordReader.ts';

/** A record of a stream. `leading + raw + terminator` of all records, and the stream's `trailing`, are the whole input. */
export interface StreamedRecord {
  /** Index of the data record, or -1 for the header. */
  readonly index: number;
  /** The byte order mark and blank lines before the record. */
  readonly leading: string;
  /** The record, without its terminator. */
  readonly raw: string;
  /** What ended the record; empty where the input ended first. */
  readonly terminator: Newline | '';
  /** Where its fields lie in `raw`. */
  readonly fields: readonly FieldRange[];
  /** What is wrong with it, with offsets in `raw`. */
  readonly problems: readonly CsvProblem[];
}

/** How to read a stream. */
export interface RecordStreamOptions extends CsvOptions {
  /** Length of the longest record taken, in UTF-16 code units; 16 Mi without it. */
  readonly maxRecordLength?: number | undefined;
}

interface Reading {
  readonly dialect: Dialect;
  readonly reader: RecordReader;
}

const DEFAULT_MAX_RECORD_LENGTH = 16 * 1024 * 1024;

/**
 * Cuts a text that arrives in chunks of any size into records, in memory that does not grow with its length: at most one
 * record, one chunk, and while the dialect is unknown the first 64 Ki characters. It finds what `scanCsv` finds in the whole.
 */
export class RecordStream {
  readonly #options: RecordStreamOptions;
  readonly #maxRecordLength: number;
  #reading: Reading | undefined;
  /** What arrived while the dialect was unknown. */
  #held = '';
  /** The part of the record under way that the reader has read. */
  #pending = '';
  #leading = '';
  #index = -1;
  #headerFieldCount = 0;
  /** Number of the line that the record under way begins on; base 1. */
  #line = 1;
  #ended = false;

  constructor(options: RecordStreamOptions = {}) {
    this.#options = options;
    this.#maxRecordLength = options.maxRecordLength ?? DEFAULT_MAX_RECORD_LENGTH;
  }

  /** The dialect, known from the first record on. */
  get dialect(): Dialect | undefined {
    return this.#reading?.dialect;
  }

  /** After `end`, what follows the last record: blank lines, or a byte order mark alone. */
  get trailing(): string {
    return this.#ended ? this.#leading : '';
  }

  /**
   * Takes the next chunk.
   *
   * @returns the records that are complete now
   * @throws UserError CSV_RECORD_TOO_LONG; the stream is of no use afterwards
   */
  push(chunk: string): StreamedRecord[] {
    if (this.#ended) throw new Error(`A chunk of ${chunk.length} characters came after the end of the stream.`);
    return this.#take(chunk, false);
  }

  /**
   * Says that nothing follows.
   *
   * @returns the records that are complete because of it
   * @throws UserError CSV_RECORD_TOO_LONG
   */
  end(): StreamedRecord[] {
    if (this.#ended) throw new Error('The stream was ended twice.');
    const records = this.#take('', true);
    this.#ended = true;
    return records;
  }

  #take(chunk: string, isLast: boolean): StreamedRecord[] {
    if (this.#reading !== undefined) return this.#read(this.#reading, chunk, 0, isLast);
    const { bodyStart: given, dialect: forced } = this.#options;
    this.#held += chunk;
    const needed = forced === undefined ? SNIFFED_CHARACTERS + 1 : (given ?? 1);
    if (this.#held.length < needed && !isLast) return [];
    const text = this.#held;
    this.#held = '';
    const bodyStart = bodyStartOf(text, given);
    const dialect = forced ?? sniffDialect(text, bodyStart);
    this.#leading = text.slice(0, bodyStart);
    this.#reading = { dialect, reader: new RecordReader(dialect.delimiter) };
    return this.#read(this.#reading, text, bodyStart, isLast);
  }

  #read({ dialect, reader }: Reading, text: string, from: number, isLast: boolean): StreamedRecord[] {
    const records: StreamedRecord[] = [];
    let start = from;
    while (start < text.length || (isLast && this.#pending !== '')) {
      if (!reader.read(text, start, isLast)) {
        // A rope: the reader is past these characters, so they are not joined before the record is complete.
        this.#pending += text.slice(start);
        // One more than the limit may be pending, for a CR that turns out to end the record.
        this.#checkLength(this.#pending.length - 1);
        break;
      }
      const whole = this.#pending + text.slice(start, reader.next);
      const raw = whole.slice(0, whole.length - reader.terminator.length);
      this.#pending = '';
      start = reader.next;
      if (raw === '') {
        this.#leading += whole;
        this.#line++;
      } else {
        this.#checkLength(raw.length);
        records.push(this.#complete(raw, reader.terminator, dialect.delimiter));
      }
    }
    return records;
  }

  #complete(raw: string, terminator: Newline | '', delimiter: Delimiter): StreamedRecord {
    const split = splitRecord(raw, 0, raw.length, delimiter);
    const index = this.#index++;
    if (index === -1) this.#headerFieldCount = split.fields.length;
    const problems = index === -1 ? findDuplicateHeaders(raw, split) : [];
    problems.push(...findRecordProblems(split, index, this.#headerFieldCount));
    const leading = this.#leading;
    this.#leading = '';
    this.#line += 1 + countLineBreaks(raw);
    return { index, leading, raw, terminator, fields: split.fields, problems };
  }

  #checkLength(length: number): void {
    if (length <= this.#maxRecordLength) return;
    const name = this.#index === -1 ? 'The header' : `Record ${this.#index + 1}`;
    throw new UserError(
      'CSV_RECORD_TOO_LONG',
      `${name}, which begins on line ${this.#line}, is longer than ${this.#maxRecordLength} characters; ` +
        'probably a quote in it is never closed. Close the quote, or split the record, and try again.',
    );
  }
}

function countLineBreaks(raw: string): number {
  if (!raw.includes('\n') && !raw.includes('\r')) return 0;
  return raw.match(/\r\n|\r|\n/g)?.length ?? 0;
}
