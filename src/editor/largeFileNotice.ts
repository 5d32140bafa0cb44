import { type Disposable, TabInputText, type Uri, window, workspace } from 'vscode';
import { DisposableStore } from './disposableStore.ts';

/** VS Code hands no larger file to extensions. */
const MAX_SYNCED_BYTES = 50 * 1024 * 1024;

const CSV_NAME = /\.(csv|tsv)$/i;

/** Says why nothing happens when a CSV file is opened that VS Code keeps from extensions. */
export class LargeFileNotice implements Disposable {
  readonly #disposables = new DisposableStore();
  readonly #told = new Set<string>();

  constructor(readonly onError: (error: unknown) => void) {
    this.#disposables.add(window.tabGroups.onDidChangeTabs(() => this.#look()));
    this.#look();
  }

  dispose(): void {
    this.#disposables.dispose();
  }

  #look(): void {
    const uri = activeCsvTab();
    if (uri !== undefined && !this.#told.has(uri.toString())) void this.#tell(uri).catch(this.onError);
  }

  async #tell(uri: Uri): Promise<void> {
    if (!(await isTooLarge(uri))) return;
    this.#told.add(uri.toString());
    void window.showWarningMessage(largeFileSentence(uri));
  }
}

/** Whether the active tab shows a CSV file that is too large for extensions; then its uri. */
export async function activeLargeFile(): Promise<Uri | undefined> {
  const uri = activeCsvTab();
  return uri !== undefined && (await isTooLarge(uri)) ? uri : undefined;
}

/** What the active tab shows, by its name; there need be no document that extensions see. */
function activeCsvTab(): Uri | undefined {
  const { input } = window.tabGroups.activeTabGroup.activeTab ?? {};
  return input instanceof TabInputText && CSV_NAME.test(input.uri.path) ? input.uri : undefined;
}

/** What to do with such a file. */
export function largeFileSentence(uri: Uri): string {
  const name = uri.path.split('/').at(-1) ?? '';
  return `${name} is larger than 50 MB, and VS Code hands no such file to extensions: split it, or predict it on the command line (see the README).`;
}

async function isTooLarge(uri: Uri): Promise<boolean> {
  try {
    return (await workspace.fs.stat(uri)).size > MAX_SYNCED_BYTES;
  } catch {
    // A tab may show what is no longer there; VS Code says so itself.
    return false;
  }
}
