import type { Dialect } from './dialect.ts';
import { decodeField, type FieldRange, type RecordFields, splitRecord } from './fields.ts';
import {
  type CsvProblem,
  emptyFileProblem,
  findDuplicateHeaders,
  findRecordProblems,
  MAX_PROBLEMS,
} from './problems.ts';
import { countUpTo, type RecordIndex } from './recordIndex.ts';
import { TEXT_AFTER_QUOTE, UNCLOSED_QUOTE } from './recordReader.ts';

/** How to read a text. */
export interface CsvOptions {
  /** Offset of the content after a byte order mark; without it a U+FEFF at offset 0 is skipped. */
  readonly bodyStart?: number | undefined;
  /** Reads in this dialect; without it the dialect is sniffed. */
  readonly dialect?: Dialect | undefined;
}

/** What a {@link CsvTable} is made of: a text, and what a scan found in it. */
export interface CsvTableParts {
  readonly text: string;
  readonly options: CsvOptions;
  readonly dialect: Dialect;
  readonly bodyStart: number;
  readonly index: RecordIndex;
}

/**
 * A CSV text seen as a table; the text stays as it is. The first record is the header, and data records count from 0. A
 * blank line (no character between two terminators) is no record; a line of blanks is. All offsets are in UTF-16 code
 * units of `text`. Wherever a record is asked for, -1 is the header, and an index out of range throws.
 */
export class CsvTable implements CsvTableParts {
  readonly text: string;
  readonly options: CsvOptions;
  readonly dialect: Dialect;
  readonly bodyStart: number;
  readonly index: RecordIndex;
  /** Decoded names of the columns; none where the text has no record. */
  readonly header: readonly string[];
  #problems: readonly CsvProblem[] | undefined;
  #problemCount: number | undefined;

  constructor(parts: CsvTableParts) {
    this.text = parts.text;
    this.options = parts.options;
    this.dialect = parts.dialect;
    this.bodyStart = parts.bodyStart;
    this.index = parts.index;
    this.header = this.hasHeader ? this.fields(-1).map((field) => decodeField(this.text, field)) : [];
  }

  /** Whether the text has any record. */
  get hasHeader(): boolean {
    return this.index.starts.length > 0;
  }

  /** Number of data records: the header does not count. */
  get recordCount(): number {
    return Math.max(0, this.index.starts.length - 1);
  }

  /** Where a record lies, without its terminator. */
  recordRange(record: number): { readonly start: number; readonly end: number } {
    const start = this.index.starts[record + 1];
    const end = this.index.ends[record + 1];
    if (start === undefined || end === undefined) {
      throw new RangeError(`Record ${record} is not one of ${this.recordCount} data records.`);
    }
    return { start, end };
  }

  /** The fields of a record and which of them are malformed; computed at each call. */
  splitRecord(record: number): RecordFields {
    const { start, end } = this.recordRange(record);
    return splitRecord(this.text, start, end, this.dialect.delimiter);
  }

  /** Where the fields of a record lie, quotes included; computed at each call. */
  fields(record: number): readonly FieldRange[] {
    return this.splitRecord(record).fields;
  }

  /** The decoded value of a field; undefined where the record has no such column. */
  value(record: number, column: number): string | undefined {
    const field = this.fields(record)[column];
    return field && decodeField(this.text, field);
  }

  /**
   * Index of the data record that an offset lies in or right after, -1 for the header; undefined in a blank line, within a
   * terminator and before the header.
   */
  recordAt(offset: number): number | undefined {
    const position = countUpTo(this.index.starts, offset) - 1;
    const end = this.index.ends[position];
    return end !== undefined && offset <= end ? position - 1 : undefined;
  }

  /** Index of the first data record that ends at or after an offset; `recordCount` where there is none. */
  firstRecordFrom(offset: number): number {
    const ended = countUpTo(this.index.ends, offset - 1);
    return Math.min(this.recordCount, Math.max(0, ended - 1));
  }

  /** The first {@link MAX_PROBLEMS} problems: those of the header, then those of the data records in order. */
  get problems(): readonly CsvProblem[] {
    this.#problems ??= this.#findProblems();
    return this.#problems;
  }

  /** Number of all problems, also of those that are not kept. */
  get problemCount(): number {
    this.#problemCount ??= this.#countProblems();
    return this.#problemCount;
  }

  #findProblems(): CsvProblem[] {
    if (!this.hasHeader) return [emptyFileProblem(this.bodyStart, this.text.length)];
    const problems = findDuplicateHeaders(this.text, this.splitRecord(-1));
    for (let record = -1; record < this.recordCount && problems.length < MAX_PROBLEMS; record++) {
      if (this.#recordProblemCount(record) === 0) continue;
      problems.push(...findRecordProblems(this.splitRecord(record), record, this.header.length));
    }
    return problems.slice(0, MAX_PROBLEMS);
  }

  #countProblems(): number {
    if (!this.hasHeader) return 1;
    let count = findDuplicateHeaders(this.text, this.splitRecord(-1)).length;
    for (let record = -1; record < this.recordCount; record++) count += this.#recordProblemCount(record);
    return count;
  }

  /** As many as `findRecordProblems` finds, without splitting the record. */
  #recordProblemCount(record: number): number {
    const faults = this.index.faults[record + 1] ?? 0;
    const isUnclosed = (faults & UNCLOSED_QUOTE) !== 0;
    const isRagged = !isUnclosed && this.index.fieldCounts[record + 1] !== this.header.length;
    return Number(isRagged) + Number(isUnclosed) + Number((faults & TEXT_AFTER_QUOTE) !== 0);
  }
}
