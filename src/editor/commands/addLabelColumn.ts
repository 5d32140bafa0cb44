import { window } from 'vscode';
import { addColumn } from '../../core/csv/addColumn.ts';
import { pickedColumn } from '../../core/resolveColumns.ts';
import { UserError } from '../../core/userError.ts';
import type { CaseDocument } from '../caseDocument.ts';
import { applyReplacements, changedMeanwhile } from '../labelEditor.ts';
import type { Services } from '../services.ts';

/**
 * Gives a file an empty label column right before the narrative, where the eye is, as one undo step.
 * @returns whether a column was added
 */
export async function addLabelColumn(services: Services, given?: CaseDocument): Promise<boolean> {
  const cases = given ?? (await services.documents.active());
  const { table, columns, document } = cases;
  if (table === undefined || !table.hasHeader) {
    throw new UserError('EMPTY_FILE', 'This file is empty: write a header with the names of its columns first.');
  }
  if (columns?.label !== undefined) {
    throw new UserError('BAD_ARGUMENT', `This file has a label column, "${table.header[columns.label]}".`);
  }
  await services.labels.encodingGuard.check(document);
  const name = await window.showInputBox({
    title: 'Add a label column to this file',
    prompt: 'Name of the new column, before the narrative',
    value: table.header.includes('Seriousness') ? 'label' : 'Seriousness',
    validateInput: (value) => {
      if (value.trim() === '') return 'The column needs a name.';
      return table.header.includes(value) ? 'The file has a column of this name.' : undefined;
    },
  });
  if (name === undefined) return false;
  if (cases.table !== table) throw changedMeanwhile();
  const at = columns?.text ?? table.header.length;
  await applyReplacements(document, addColumn(table, name, at));
  // The name need not be one that tells a label column: remember what it is.
  const header = cases.table?.header ?? [];
  const moved = (column: number | undefined) => (column === undefined || column < at ? column : column + 1);
  await services.columns.set(document.uri, {
    text: pickedColumn(header, moved(columns?.text)),
    label: header[at] === name ? { name, index: at } : null,
    id: pickedColumn(header, moved(columns?.id)),
  });
  cases.refreshColumns();
  return cases.columns?.label !== undefined;
}
