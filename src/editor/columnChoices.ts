import type { Memento, TextDocument, Uri } from 'vscode';
import type { ColumnDecisions, PickedColumns } from '../core/resolveColumns.ts';
import { fileSettings } from './settings.ts';

const KEY = 'caselight.columns';

/** Picks of columns by file, remembered in the workspace. */
export class ColumnChoices {
  constructor(readonly memento: Memento) {}

  get(uri: Uri): PickedColumns | undefined {
    return this.#all()[uri.toString()];
  }

  async set(uri: Uri, picked: PickedColumns): Promise<void> {
    await this.memento.update(KEY, { ...this.#all(), [uri.toString()]: picked });
  }

  /** What decides the columns of a document. */
  readonly chosen = (document: TextDocument): ColumnDecisions => ({
    picked: this.get(document.uri),
    settings: fileSettings(document).columns,
  });

  /** What decides the columns of a file that is not open. */
  chosenFor(uri: Uri): ColumnDecisions {
    return { picked: this.get(uri), settings: fileSettings(uri).columns };
  }

  #all(): Readonly<Record<string, PickedColumns>> {
    return this.memento.get<Record<string, PickedColumns>>(KEY, {});
  }
}
