import { type Position, type TextDocument, workspace } from 'vscode';
import type { CsvTable } from '../core/csv/csvTable.ts';
import type { CaseColumns } from '../core/resolveColumns.ts';

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
 *
 * With word wrap the end of the record's first line: VS Code does not count decorations when it wraps, so anywhere else
 * they would push the end of a row out of view.
 */
export function labelAnchor(
  document: TextDocument,
  table: CsvTable,
  record: number,
  columns: CaseColumns | undefined,
  wraps = wrapsLines(document),
): LabelAnchor {
  if (wraps) {
    const first = document.positionAt(table.recordRange(record).start);
    return { position: document.lineAt(first.line).range.end, side: 'after' };
  }
  const start: LabelAnchor = { position: document.positionAt(table.recordRange(record).start), side: 'before' };
  const { label, text } = columns ?? {};
  if (label === undefined || (text !== undefined && label > text)) return start;
  const field = table.fields(record)[label];
  if (field === undefined) return start;
  const end = document.positionAt(field.end);
  return end.character > FAR_RIGHT ? start : { position: end, side: 'after' };
}

/** As the settings say; what Alt+Z toggles for one editor is not told to extensions. */
export function wrapsLines(document: TextDocument): boolean {
  return workspace.getConfiguration('editor', document).get('wordWrap', 'off') !== 'off';
}
