import type { Memento, TextDocument, Uri } from 'vscode';
import { type ChosenColumns, type ColumnProblem, findColumns } from '../core/columns.ts';
import { fileSettings } from './settings.ts';

/** Columns of a file by index. */
export interface CaseColumns {
  readonly text: number | undefined;
  readonly label: number | undefined;
  readonly id: number | undefined;
  /** Chosen names that the file does not have. */
  readonly problems: readonly ColumnProblem[];
}

/** What a person picked for a file: names of columns; null for "this file has none". */
export interface PickedColumns {
  readonly text: string;
  readonly label: string | null;
  readonly id: string | null;
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

  /** What decides the columns of a document. */
  readonly chosen = (document: TextDocument): { picked: PickedColumns | undefined; settings: ChosenColumns } => ({
    picked: this.get(document.uri),
    settings: fileSettings(document).columns,
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
  const names = { text: picked.text, label: picked.label ?? undefined, id: picked.id ?? undefined };
  const found = findColumns(header, names);
  return {
    text: found.text ?? findColumns(header, settings).text,
    label: picked.label === null ? undefined : found.label,
    id: picked.id === null ? undefined : found.id,
    problems: found.problems,
  };
}
