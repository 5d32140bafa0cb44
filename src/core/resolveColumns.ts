import { type ChosenColumns, type ColumnProblem, findColumns } from './columns.ts';

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

/** What decides the columns of a file: what a person picked for it, and the names in the settings. */
export interface ColumnDecisions {
  readonly picked: PickedColumns | undefined;
  readonly settings: ChosenColumns;
}

/**
 * The columns of a file: a pick goes before the settings, these before the header.
 * @param header decoded names of the columns
 */
export function resolveColumns(header: readonly string[], chosen: ColumnDecisions): CaseColumns {
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
