import { readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { type Disposable, type TextDocument, workspace } from 'vscode';
import { hasMixedLineEnds, restoreLineEnds } from '../core/csv/lineEndings.ts';
import { byteTextFor } from '../files/byteText.ts';
import { isCsvDocument } from './csvLanguages.ts';
import { DisposableStore } from './disposableStore.ts';
import { fileSettings } from './settings.ts';

/**
 * VS Code gives every line of a file the same line end when it loads it, and saves it so. For a CSV file with LF inside of
 * the quoted fields of CRLF records, one accepted label would rewrite the whole file. This keeps the bytes from before a
 * save, and puts the file's own line ends back right after it.
 */
export class LineEndingKeeper implements Disposable {
  readonly #disposables = new DisposableStore();
  /** The file as it was before the save under way. */
  readonly #before = new Map<TextDocument, Buffer>();

  constructor(readonly onError: (error: unknown) => void) {
    this.#disposables.add(
      workspace.onWillSaveTextDocument((event) => {
        if (this.#applies(event.document)) event.waitUntil(this.#remember(event.document));
      }),
    );
    this.#disposables.add(
      workspace.onDidSaveTextDocument((document) => {
        const before = this.#before.get(document);
        this.#before.delete(document);
        if (before !== undefined) void restoreFile(document.uri.fsPath, before).catch(this.onError);
      }),
    );
  }

  dispose(): void {
    this.#disposables.dispose();
  }

  #applies(document: TextDocument): boolean {
    return isCsvDocument(document) && document.uri.scheme === 'file' && fileSettings(document).preserveLineEndings;
  }

  async #remember(document: TextDocument): Promise<void> {
    try {
      const bytes = await readFile(document.uri.fsPath);
      const text = byteTextFor(bytes);
      if (hasMixedLineEnds(text.streamDecoder().write(bytes))) this.#before.set(document, bytes);
    } catch (error) {
      // A new file has no line ends to keep, and nothing may stand in the way of a save.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.onError(error);
    }
  }
}

async function restoreFile(path: string, before: Buffer): Promise<void> {
  const saved = await readFile(path);
  const { mtime, atime } = await stat(path);
  const text = byteTextFor(saved);
  const decode = (bytes: Buffer) => text.streamDecoder().write(bytes);
  const restored = text.toBytes(restoreLineEnds(decode(before), decode(saved)));
  if (restored.equals(saved)) return;
  await writeFile(path, restored);
  // With its time of the save the file is still the one that VS Code knows, so typing on meets no conflict.
  await utimes(path, atime, mtime);
}
