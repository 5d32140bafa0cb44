import { bodyStartOf } from './byteOrderMark.ts';
import { splitRecord } from './fields.ts';
import { RecordReader } from './recordReader.ts';

/** What separates the fields of a record. */
export type Delimiter = ',' | ';' | '\t' | '|';

/** What ends a record. */
export type Newline = '\n' | '\r\n' | '\r';

/** How a file writes its records; what is written into it follows suit. */
export interface Dialect {
  readonly delimiter: Delimiter;
  /** The prevailing terminator. Reading accepts all three in any mixture. */
  readonly newline: Newline;
  /** Whether every field that is not empty is quoted. */
  readonly quoteAll: boolean;
}

/** Only this many characters from the start of a file decide its dialect, so that a stream and a whole text agree. */
export const SNIFFED_CHARACTERS = 65_536;

const SNIFFED_RECORDS = 50;

/** The delimiters besides the comma, in order of preference where nothing else decides. */
const otherDelimiters: readonly Delimiter[] = [';', '\t', '|'];

interface SampleRecord {
  readonly start: number;
  readonly end: number;
  readonly terminator: Newline | '';
  readonly fieldCount: number;
}

function sampleRecords(text: string, bodyStart: number, delimiter: Delimiter): SampleRecord[] {
  const isCut = text.length > SNIFFED_CHARACTERS;
  const sample = isCut ? text.slice(0, SNIFFED_CHARACTERS) : text;
  const reader = new RecordReader(delimiter);
  const records: SampleRecord[] = [];
  let start = bodyStart;
  while (start < sample.length && records.length < SNIFFED_RECORDS) {
    reader.read(sample, start, true);
    const { end, next, terminator, fieldCount } = reader;
    // The record at the cut is only part of one: its count means nothing, unless there is no other to go by.
    if (isCut && next === sample.length && records.length > 0) break;
    if (end > start) records.push({ start, end, terminator, fieldCount });
    start = next;
  }
  return records;
}

/** The first records of a text as one delimiter would have them. */
interface Sample {
  readonly delimiter: Delimiter;
  readonly records: readonly SampleRecord[];
}

function headerFieldCount({ records }: Sample): number {
  return records[0]?.fieldCount ?? 1;
}

/** Share of the data records that have as many fields as the header, 0 to 1; 0 without data records. */
function consistency(sample: Sample): number {
  const data = sample.records.slice(1);
  const expected = headerFieldCount(sample);
  return data.filter((record) => record.fieldCount === expected).length / Math.max(1, data.length);
}

function isBetter(next: Sample, best: Sample): boolean {
  if (headerFieldCount(next) === 1) return false;
  if (headerFieldCount(best) === 1) return true;
  const gain = consistency(next) - consistency(best);
  return gain > 0 || (gain === 0 && headerFieldCount(next) > headerFieldCount(best));
}

function prevailingNewline(records: readonly SampleRecord[]): Newline {
  const counts = new Map<Newline, number>();
  for (const { terminator } of records) {
    if (terminator !== '') counts.set(terminator, (counts.get(terminator) ?? 0) + 1);
  }
  let prevailing: Newline = '\n';
  let most = 0;
  for (const [newline, count] of counts) {
    if (count > most) {
      prevailing = newline;
      most = count;
    }
  }
  return prevailing;
}

function quotesAll(text: string, records: readonly SampleRecord[], delimiter: Delimiter): boolean {
  const fields = records
    .slice(1)
    .flatMap(({ start, end }) => splitRecord(text, start, end, delimiter).fields)
    .filter((field) => field.end > field.start);
  return fields.length > 0 && fields.every((field) => field.quoted);
}

/**
 * Finds the dialect of a CSV text from its first 50 records within its first {@link SNIFFED_CHARACTERS} characters.
 *
 * The delimiter is one that splits the header; of several, the one that most consistently gives the data records as many
 * fields as the header, then the one that gives the header most fields, then in the order comma, semicolon, tab, bar. It
 * is a comma where none splits the header. The newline is the most frequent terminator, the first seen of equals, LF
 * without any.
 *
 * @param bodyStart offset of the content after a byte order mark; without it a U+FEFF at offset 0 is skipped
 */
export function sniffDialect(text: string, bodyStart?: number): Dialect {
  const start = bodyStartOf(text, bodyStart);
  const sampleOf = (candidate: Delimiter): Sample => ({
    delimiter: candidate,
    records: sampleRecords(text, start, candidate),
  });
  const { delimiter, records } = otherDelimiters
    .map(sampleOf)
    .reduce((best, next) => (isBetter(next, best) ? next : best), sampleOf(','));
  return { delimiter, newline: prevailingNewline(records), quoteAll: quotesAll(text, records, delimiter) };
}
