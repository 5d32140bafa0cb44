import { type Disposable, EventEmitter, type TreeDataProvider, type TreeItem, window, workspace } from 'vscode';
import { DisposableStore } from '../disposableStore.ts';
import { SECTION } from '../settings.ts';
import type { ModelEntry } from './modelEntry.ts';
import { modelItem } from './modelItem.ts';
import type { ModelLibrary } from './modelLibrary.ts';

/** The view *Models*: every model that can be chosen, the one in use marked. */
export class ModelsView implements TreeDataProvider<ModelEntry>, Disposable {
  readonly #disposables = new DisposableStore();
  readonly #changed = this.#disposables.add(new EventEmitter<void>());
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #view = this.#disposables.add(window.createTreeView('caselight.models', { treeDataProvider: this }));

  constructor(
    readonly library: ModelLibrary,
    readonly onError: (error: unknown) => void,
  ) {
    this.#disposables.add(library.onDidChange(() => this.#changed.fire()));
    this.#disposables.add(
      workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(`${SECTION}.model.path`)) this.#changed.fire();
      }),
    );
  }

  async getChildren(parent?: ModelEntry): Promise<ModelEntry[]> {
    if (parent !== undefined) return [];
    try {
      const { entries, missing } = await this.library.content();
      this.#view.message =
        missing === undefined
          ? ''
          : `The model ${missing} that was chosen is gone or damaged; the built-in model stands in for it. Choose another one.`;
      return [...entries];
    } catch (error) {
      this.onError(error);
      this.#view.message = 'The models could not be listed; the log tells why.';
      return [];
    }
  }

  getTreeItem(entry: ModelEntry): TreeItem {
    return modelItem(entry);
  }

  dispose(): void {
    this.#disposables.dispose();
  }
}
