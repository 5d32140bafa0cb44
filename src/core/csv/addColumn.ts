import type { CsvTable } from './csvTable.ts';
import { encodeField } from './encodeField.ts';
import type { Replacement } from './setField.ts';

/**
 * The insertions that add an empty column before `atColumn` to the header and to every record, in order and not
 * overlapping. Blank lines stay blank. A record too short to reach the column stays as it is, for it lacks the new column
 * like the ones before it; so does a record where an unclosed quote comes first.
 *
 * @param name name of the new column
 * @param atColumn index that the new column will have, 0 to the number of columns; the last appends it
 * @throws RangeError where `atColumn` is out of range
 */
export function addColumn(table: CsvTable, name: string, atColumn: number): Replacement[] {
  const columnCount = table.header.length;
  if (!Number.isInteger(atColumn) || atColumn < 0 || atColumn > columnCount) {
    throw new RangeError(`Column ${atColumn} is not between 0 and ${columnCount}.`);
  }
  const { bodyStart, dialect, recordCount } = table;
  if (!table.hasHeader) {
    const text = encodeField(name, dialect, { quoted: name === '' });
    return [{ start: bodyStart, end: bodyStart, text }];
  }
  const quoted = table.fields(-1).every((field) => field.quoted);
  const insertions: Replacement[] = [];
  for (let record = -1; record < recordCount; record++) {
    const value = record === -1 ? encodeField(name, dialect, { quoted }) : '';
    const insertion = insertField(table, record, atColumn, value);
    if (insertion !== undefined) insertions.push(insertion);
  }
  return insertions;
}

function insertField(table: CsvTable, record: number, atColumn: number, text: string): Replacement | undefined {
  const { fields, unclosedQuote } = table.splitRecord(record);
  const { delimiter } = table.dialect;
  const displaced = fields[atColumn];
  if (displaced !== undefined) return { start: displaced.start, end: displaced.start, text: text + delimiter };
  const last = fields.at(-1);
  if (last === undefined || fields.length < atColumn || unclosedQuote !== undefined) return undefined;
  return { start: last.end, end: last.end, text: delimiter + text };
}
