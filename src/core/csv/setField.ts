import type { CsvTable } from './csvTable.ts';
import { encodeField } from './encodeField.ts';

/** The characters from `start` to `end` (exclusive) become `text`. An insertion has equal ends. */
export interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * The one replacement that gives a field a value and touches no other field. A quoted field stays quoted. To a record that
 * is too short to have the column the missing delimiters are added.
 *
 * @param record index of the data record, or -1 for the header
 * @param column less than the number of columns of the header or of the record, whichever is more
 * @returns undefined for a field whose quote is never closed and for any after it: their text may belong to other records,
 *   so a person has to close the quote first
 * @throws RangeError where there is no such record or column
 */
export function setField(table: CsvTable, record: number, column: number, value: string): Replacement | undefined {
  const { fields, unclosedQuote } = table.splitRecord(record);
  const columnCount = Math.max(table.header.length, fields.length);
  if (!Number.isInteger(column) || column < 0 || column >= columnCount) {
    throw new RangeError(`Column ${column} is not one of ${columnCount} columns.`);
  }
  if (unclosedQuote !== undefined && column >= unclosedQuote) return undefined;

  const field = fields[column];
  if (field === undefined) {
    const { end } = table.recordRange(record);
    const missing = table.dialect.delimiter.repeat(column - fields.length + 1);
    return { start: end, end, text: missing + encodeField(value, table.dialect) };
  }
  // An empty field alone in its record would leave a blank line, which is no record.
  const quoted = field.quoted || (value === '' && fields.length === 1);
  return { start: field.start, end: field.end, text: encodeField(value, table.dialect, { quoted }) };
}
