import { isUtf8 } from 'node:buffer';
import { type Disposable, type TextDocument, window, workspace } from 'vscode';
import { UserError } from '../core/userError.ts';
import type { CaseDocuments } from './caseDocuments.ts';
import { DisposableStore } from './disposableStore.ts';

const REOPEN = 'Reopen as Windows-1252';

/**
 * VS Code reads a file as UTF-8 unless told otherwise. Bytes that are not UTF-8 become U+FFFD, and saving would write
 * that over them. This says so, offers to read the file again as Windows-1252, and refuses edits until then.
 */
export class EncodingGuard implements Disposable {
  readonly #disposables = new DisposableStore();
  readonly #told = new WeakSet<TextDocument>();

  constructor(readonly onError: (error: unknown) => void) {}

  /** Looks at each document that opens. */
  watch(documents: CaseDocuments): void {
    this.#disposables.add(
      documents.onDidOpen(({ document }) => {
        void this.#warn(document).catch(this.onError);
      }),
    );
  }

  /** @throws UserError BAD_ENCODING where an edit and a save would damage the file */
  async check(document: TextDocument): Promise<void> {
    if (!(await isMisread(document))) return;
    void this.#offer(document).catch(this.onError);
    throw new UserError(
      'BAD_ENCODING',
      'This file is not UTF-8, and saving it as it is shown would damage it: choose "Reopen as Windows-1252", or "Reopen with Encoding" in the status bar, and try again.',
    );
  }

  dispose(): void {
    this.#disposables.dispose();
  }

  async #warn(document: TextDocument): Promise<void> {
    if (this.#told.has(document)) return;
    this.#told.add(document);
    if (await isMisread(document)) await this.#offer(document);
  }

  async #offer(document: TextDocument): Promise<void> {
    const choice = await window.showWarningMessage(
      'This file is not UTF-8: some characters are shown as � and would be damaged by saving. Read it as Windows-1252?',
      REOPEN,
    );
    if (choice !== REOPEN) return;
    if (document.isDirty) {
      throw new UserError(
        'BAD_ENCODING',
        'The file has unsaved changes, and saving them would damage it: undo or revert them first, then reopen it.',
      );
    }
    await workspace.openTextDocument(document.uri, { encoding: 'windows1252' });
  }
}

/** Whether the text has replacement characters that the file on disk does not have. */
async function isMisread(document: TextDocument): Promise<boolean> {
  if (!document.encoding.startsWith('utf8') || !document.getText().includes('\ufffd')) return false;
  if (document.uri.scheme === 'untitled') return false;
  return !isUtf8(await workspace.fs.readFile(document.uri));
}
