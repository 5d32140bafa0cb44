import type { Position, TextDocument } from 'vscode';
import type { CsvTable } from '../core/csv/csvTable.ts';
import type { CaseColumns } from './columnChoices.ts';

/** Where the prediction of a record is shown. */
export interface LabelAnchor {
  readonly position: Position;
  readonly side: 'before' | 'after';
}

/** Beyond this many characters of a line the label cell is too far to the right to be seen beside the record. */
const FAR_RIGHT = 100;

/**
 * After the label cell; or before the record where there is no label cell or it is far right: behind the narrative, say.
 * The place of the column decides for the whole file, so that predictions stand in one column.
 */
export function labelAnchor(
  document: TextDocument,
  table: CsvTable,
  record: number,
  columns: CaseColumns | undefined,
): LabelAnchor {
  const start: LabelAnchor = { position: document.positionAt(table.recordRange(record).start), side: 'before' };
  const { label, text } = columns ?? {};
  if (label === undefined || (text !== undefined && label > text)) return start;
  const field = table.fields(record)[label];
  if (field === undefined) return start;
  const end = document.positionAt(field.end);
  return end.character > FAR_RIGHT ? start : { position: end, side: 'after' };
}
