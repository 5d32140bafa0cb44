import { type QuickPickItem, window } from 'vscode';
import { pickedColumn } from '../../core/resolveColumns.ts';
import { UserError } from '../../core/userError.ts';
import type { CaseDocument } from '../caseDocument.ts';
import type { Services } from '../services.ts';

interface ColumnItem extends QuickPickItem {
  readonly column: number | undefined;
}

/** Asks for the text, label and id columns of the active file, and remembers them in the workspace. */
export async function chooseColumns({ documents, columns }: Services): Promise<void> {
  const cases = await documents.active();
  const { table } = cases;
  if (table === undefined || !table.hasHeader) {
    throw new UserError('EMPTY_FILE', 'This file is empty: write a header with the names of its columns first.');
  }
  const text = await pickColumn(cases, 'Which column holds the narrative? (1 of 3)', cases.columns?.text, []);
  if (text?.column === undefined) return;
  const label = await pickColumn(
    cases,
    'Which column holds the label? (2 of 3)',
    cases.columns?.label,
    [text.column],
    'This file has no label column',
  );
  if (label === undefined) return;
  const taken = [text.column, ...(label.column === undefined ? [] : [label.column])];
  const id = await pickColumn(cases, 'Which column identifies the case? (3 of 3)', cases.columns?.id, taken, 'None');
  if (id === undefined) return;
  await columns.set(cases.document.uri, {
    text: pickedColumn(table.header, text.column),
    label: pickedColumn(table.header, label.column),
    id: pickedColumn(table.header, id.column),
  });
  cases.refreshColumns();
}

async function pickColumn(
  cases: CaseDocument,
  title: string,
  present: number | undefined,
  taken: readonly number[],
  none?: string,
): Promise<ColumnItem | undefined> {
  const { table } = cases;
  if (table === undefined) return undefined;
  const items = table.header.map((name, column): ColumnItem => {
    const example = table.recordCount > 0 ? (table.value(0, column) ?? '') : '';
    return { label: name || `(column ${column + 1})`, description: shorten(example), column };
  });
  const offered = items.filter(({ column }) => column === undefined || !taken.includes(column));
  if (none !== undefined) offered.push({ label: `$(circle-slash) ${none}`, column: undefined });
  // The present choice comes first, so that Enter keeps it.
  offered.sort((a, b) => Number(b.column === present) - Number(a.column === present));
  return window.showQuickPick(offered, {
    title,
    placeHolder: 'Columns of this file, with the value of the first record',
  });
}

function shorten(value: string): string {
  const line = value.replaceAll(/\s+/g, ' ');
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}
