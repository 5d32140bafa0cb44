import { Position, type Range, type TextDocument, type TextEditor, window } from 'vscode';
import type { CsvTable } from '../core/csv/csvTable.ts';

/** Lines beyond the screen that are made ready too, so that scrolling a little shows no gaps. */
const MARGIN_LINES = 30;

/** Data records in the visible ranges of an editor, with a margin, from top to bottom. */
export function recordsInView(editor: TextEditor, table: CsvTable): number[] {
  return recordsInRanges(editor.document, table, editor.visibleRanges);
}

/** Data records on screen in any editor of the document, those of the active editor first. */
export function visibleRecords(document: TextDocument, table: CsvTable): Set<number> {
  const editors = window.visibleTextEditors.filter((editor) => editor.document === document);
  editors.sort((a, b) => Number(b === window.activeTextEditor) - Number(a === window.activeTextEditor));
  return new Set([
    // What can be seen goes before what is only near.
    ...editors.flatMap((editor) => recordsInRanges(document, table, editor.visibleRanges, 0)),
    ...editors.flatMap((editor) => recordsInView(editor, table)),
  ]);
}

function recordsInRanges(
  document: TextDocument,
  table: CsvTable,
  ranges: readonly Range[],
  margin = MARGIN_LINES,
): number[] {
  const records: number[] = [];
  for (const range of ranges) {
    const from = document.offsetAt(new Position(Math.max(0, range.start.line - margin), 0));
    const last = document.lineAt(Math.min(document.lineCount - 1, range.end.line + margin)).range.end;
    const to = document.offsetAt(last);
    for (let record = table.firstRecordFrom(from); record < table.recordCount; record++) {
      if (table.recordRange(record).start > to) break;
      records.push(record);
    }
  }
  return records;
}
