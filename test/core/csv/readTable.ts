import type { CsvTable } from '../../../src/core/csv/csvTable.ts';
import { decodeField } from '../../../src/core/csv/fields.ts';
import type { Replacement } from '../../../src/core/csv/setField.ts';

/** All values of a table, the header first. */
export function readRows(table: CsvTable): string[][] {
  if (!table.hasHeader) return [];
  return Array.from({ length: table.recordCount + 1 }, (_, index) =>
    table.fields(index - 1).map((field) => decodeField(table.text, field)),
  );
}

/** All that a scan finds, as plain data that can be compared. */
export function contents(table: CsvTable): unknown {
  const { text, dialect, bodyStart, index, header, problems, problemCount } = table;
  const columns = [index.starts, index.ends, index.fieldCounts, index.faults].map((column) => [...column]);
  return { text, dialect, bodyStart, columns, header, problems, problemCount };
}

/** The text after replacements that are in order and do not overlap. */
export function applyReplacements(text: string, replacements: readonly Replacement[]): string {
  let result = '';
  let position = 0;
  for (const { start, end, text: inserted } of replacements) {
    result += text.slice(position, start) + inserted;
    position = end;
  }
  return result + text.slice(position);
}
