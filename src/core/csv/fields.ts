import type { Delimiter } from './dialect.ts';

/** Where a field lies: offsets in UTF-16 code units, `end` exclusive, its quotes included. */
export interface FieldRange {
  readonly start: number;
  readonly end: number;
  /** Whether the field begins with a quote. */
  readonly quoted: boolean;
}

/** The fields of one record, and which of them are malformed. */
export interface RecordFields {
  /** One or more, in order; between two neighbours lies exactly one delimiter. */
  readonly fields: readonly FieldRange[];
  /** Index of the field whose quote is never closed; always the last field. */
  readonly unclosedQuote: number | undefined;
  /** Index of the first field that goes on after its closing quote. */
  readonly textAfterQuote: number | undefined;
}

/** Offset of the quote that closes a field, searched from `from`; -1 where there is none. */
function findClosingQuote(text: string, from: number): number {
  let quote = text.indexOf('"', from);
  while (quote !== -1 && text[quote + 1] === '"') quote = text.indexOf('"', quote + 2);
  return quote;
}

/**
 * Splits the record that lies at `start` to `end` (exclusive, without its terminator) of `text`. It agrees with what
 * `RecordReader` counted there.
 */
export function splitRecord(text: string, start: number, end: number, delimiter: Delimiter): RecordFields {
  // Searching the record and not the text keeps a record without a delimiter from searching the rest of the file.
  const record = text.slice(start, end);
  const fields: FieldRange[] = [];
  let unclosedQuote: number | undefined;
  let textAfterQuote: number | undefined;
  let fieldStart = 0;
  for (;;) {
    const quoted = record[fieldStart] === '"';
    let searchFrom = fieldStart;
    if (quoted) {
      const closing = findClosingQuote(record, fieldStart + 1);
      if (closing === -1) unclosedQuote = fields.length;
      searchFrom = closing === -1 ? record.length : closing + 1;
    }
    const found = record.indexOf(delimiter, searchFrom);
    const fieldEnd = found === -1 ? record.length : found;
    if (quoted && fieldEnd > searchFrom) textAfterQuote ??= fields.length;
    fields.push({ start: start + fieldStart, end: start + fieldEnd, quoted });
    if (found === -1) return { fields, unclosedQuote, textAfterQuote };
    fieldStart = found + 1;
  }
}

/**
 * The value of a field: without its quotes and with doubled quotes as one. Text after the closing quote belongs to the
 * value as it stands, and a field whose quote is never closed has all of its text as value.
 */
export function decodeField(text: string, field: FieldRange): string {
  const source = text.slice(field.start, field.end);
  if (!field.quoted) return source;
  const closing = findClosingQuote(source, 1);
  const contentEnd = closing === -1 ? source.length : closing;
  const content = source.slice(1, contentEnd);
  const value = content.includes('"') ? content.replaceAll('""', '"') : content;
  return value + source.slice(contentEnd + 1);
}
