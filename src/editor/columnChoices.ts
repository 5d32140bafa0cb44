import type { Memento, TextDocument, Uri } from 'vscode';
import { type ChosenColumns, type ColumnProblem, findColumns } from '../core/columns.ts';
import { fileSettings } from './settings.ts';

/** Columns of a file by index. */
export interface CaseColumns {
  readonly text: number | undefined;
  readonly label: number | undefined;
  readonly id: number | undefined;
  /** Names in the settings that the file does not have. */
  readonly problems: readonly ColumnProblem[];
}

/** A column that a person picked; its place tells columns of one name apart. */
export interface PickedColumn {
  readonly name: string;
  readonly index: number;
}

/** What a person picked for a file; null for "this file has none". */
export interface PickedColumns {
  readonly text: PickedColumn | null;
  readonly label: PickedColumn | null;
  readonly id: PickedColumn | null;
}

/** What to remember of a column; null where there is none. */
export function pickedColumn(header: readonly string[], index: number | undefined): PickedColumn | null {
  const name = index === undefined ? undefined : header[index];
  return index === undefined || name === undefined ? null : { name, index };
}

const KEY = 'caselight.columns';

/** Picks of columns by file, remembered in the workspace; a pick goes before the settings, these before the header. */
export class ColumnChoices {
  constructor(readonly memento: Memento) {}

  get(uri: Uri): PickedColumns | undefined {
    return this.#all()[uri.toString()];
  }

  async set(uri: Uri, picked: PickedColumns): Promise<void> {
    await this.memento.update(KEY, { ...this.#all(), [uri.toString()]: picked });
  }

  /** What decides the columns of a document, or of a file that is not open. */
  readonly chosen = (file: TextDocument | Uri): { picked: PickedColumns | undefined; settings: ChosenColumns } => ({
    picked: this.get('uri' in file ? file.uri : file),
    settings: fileSettings(file).columns,
  });

  #all(): Readonly<Record<string, PickedColumns>> {
    return this.memento.get<Record<string, PickedColumns>>(KEY, {});
  }
}

/** @param header decoded names of the columns */
export function resolveColumns(header: readonly string[], chosen: ReturnType<ColumnChoices['chosen']>): CaseColumns {
  const { picked, settings } = chosen;
  if (picked === undefined) {
    const found = findColumns(header, settings);
    // A name in the settings is meant for every file of the workspace; one without that column is read by its header.
    const missing = new Set(found.problems.map(({ role }) => role));
    const usable = Object.fromEntries(Object.entries(settings).filter(([role]) => !missing.has(role as 'text')));
    return { ...findColumns(header, usable), problems: found.problems };
  }
  const find = (column: PickedColumn | null) => {
    if (column === null) return undefined;
    if (header[column.index] === column.name) return column.index;
    // Columns were added or moved since.
    const index = column.name === '' ? -1 : header.indexOf(column.name);
    return index < 0 ? undefined : index;
  };
  return {
    text: find(picked.text) ?? findColumns(header, settings).text,
    label: find(picked.label),
    id: find(picked.id),
    problems: [],
  };
}
