import { Range, Selection, type TextDocument, WorkspaceEdit, window, workspace } from 'vscode';
import { type Replacement, setField } from '../core/csv/setField.ts';
import { UserError } from '../core/userError.ts';
import type { CaseDocument } from './caseDocument.ts';
import type { CheckedRecords } from './checkedRecords.ts';
import type { EncodingGuard } from './encodingGuard.ts';

/** Writes labels into files: one field, one undo step, the cursor where it was. */
export class LabelEditor {
  constructor(
    readonly encodingGuard: EncodingGuard,
    private readonly checked: CheckedRecords,
  ) {}

  /**
   * Writes a label that a person decided on: the record counts as checked for as long as it has this label.
   * @throws UserError where the file has no label column, where a quote before the field is never closed, or where saving
   *   would damage the file
   */
  async setLabel(cases: CaseDocument, record: number, label: string): Promise<void> {
    const { table, columns, document } = cases;
    if (table === undefined) throw new UserError('FILE_CHANGED', 'The file is being read: try again in a moment.');
    if (columns?.label === undefined) {
      throw new UserError(
        'NO_LABEL_COLUMN',
        'This file has no label column: run "Caselight: Add Label Column…", or "Caselight: Choose Columns…" to name it.',
      );
    }
    await this.encodingGuard.check(document);
    // The places in a table are those of one version of the text.
    if (cases.table !== table) throw changedMeanwhile();
    const replacement = setField(table, record, columns.label, label);
    if (replacement === undefined) {
      throw new UserError(
        'FILE_CHANGED',
        'A quote before this label is never closed, so its place is uncertain: close the quote (see Problems) and try again.',
      );
    }
    const facts = cases.facts(record);
    await applyReplacements(document, [replacement]);
    await this.checked.add(document.uri, { ...facts, label });
    cases.refresh();
  }
}

/** For what was prepared on a text that has changed since. */
export function changedMeanwhile(): UserError {
  return new UserError('FILE_CHANGED', 'The file changed meanwhile: look at the record again and repeat.');
}

/**
 * Applies replacements, in order and not overlapping, as one undo step. Cursors stay with the text they were at; one
 * inside of replaced text, or right before an insertion, keeps its offset as far as the new text reaches.
 */
export async function applyReplacements(document: TextDocument, replacements: readonly Replacement[]): Promise<void> {
  const moved = (offset: number): number => {
    let shift = 0;
    for (const { start, end, text } of replacements) {
      if (offset <= start) break;
      if (offset <= end) return start + shift + Math.min(offset - start, text.length);
      shift += text.length - (end - start);
    }
    return offset + shift;
  };
  const cursors = window.visibleTextEditors
    .filter((editor) => editor.document === document)
    .map((editor) => ({
      editor,
      offsets: editor.selections.map(({ anchor, active }) => ({
        anchor: moved(document.offsetAt(anchor)),
        active: moved(document.offsetAt(active)),
      })),
    }));
  const edit = new WorkspaceEdit();
  for (const { start, end, text } of replacements) {
    edit.replace(document.uri, new Range(document.positionAt(start), document.positionAt(end)), text);
  }
  if (!(await workspace.applyEdit(edit))) {
    throw new UserError('FILE_CHANGED', 'The edit was not accepted because the file changed meanwhile: try again.');
  }
  for (const { editor, offsets } of cursors) {
    const selections = offsets.map(
      ({ anchor, active }) => new Selection(document.positionAt(anchor), document.positionAt(active)),
    );
    const same = selections.every((selection, i) => editor.selections[i]?.isEqual(selection));
    if (!same) editor.selections = selections;
  }
}
