import { randomUUID } from 'node:crypto';
import { readFile, realpath, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { type Disposable, EndOfLine, type TextDocument, workspace } from 'vscode';
import { hasMixedLineEnds, restoreLineEnds, usualLineEnd } from '../core/csv/lineEndings.ts';
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
  /** The restoring under way, by path: the next save waits for it. */
  readonly #restoring = new Map<string, Promise<void>>();

  constructor(readonly onError: (error: unknown) => void) {
    this.#disposables.add(
      workspace.onWillSaveTextDocument((event) => {
        if (this.#applies(event.document)) event.waitUntil(this.#remember(event.document));
      }),
    );
    this.#disposables.add(workspace.onDidSaveTextDocument((document) => this.#restore(document)));
    this.#disposables.add(workspace.onDidCloseTextDocument((document) => this.#before.delete(document)));
  }

  dispose(): void {
    this.#disposables.dispose();
  }

  #applies(document: TextDocument): boolean {
    return isCsvDocument(document) && document.uri.scheme === 'file' && fileSettings(document).preserveLineEndings;
  }

  async #remember(document: TextDocument): Promise<void> {
    this.#before.delete(document);
    try {
      await this.#restoring.get(document.uri.fsPath);
      const bytes = await readFile(document.uri.fsPath);
      const text = decode(bytes);
      // A person who chose other line ends in the status bar wants them.
      const isAsLoaded = (document.eol === EndOfLine.CRLF) === (usualLineEnd(text) === '\r\n');
      if (isAsLoaded && hasMixedLineEnds(text)) this.#before.set(document, bytes);
    } catch (error) {
      // A new file has no line ends to keep, and nothing may stand in the way of a save.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.onError(error);
    }
  }

  #restore(document: TextDocument): void {
    const before = this.#before.get(document);
    this.#before.delete(document);
    if (before === undefined) return;
    const path = document.uri.fsPath;
    const restoring = restoreFile(path, before)
      .catch(this.onError)
      .finally(() => {
        if (this.#restoring.get(path) === restoring) this.#restoring.delete(path);
      });
    this.#restoring.set(path, restoring);
  }
}

/** Replaces the file that was just saved in one step, unless it was written again meanwhile. */
async function restoreFile(path: string, before: Buffer): Promise<void> {
  const target = await realpath(path);
  const { mtime, atime, mtimeMs, size, mode } = await stat(target);
  const saved = await readFile(target);
  const text = byteTextFor(saved);
  const restored = text.toBytes(restoreLineEnds(decode(before), decode(saved)));
  if (restored.equals(saved)) return;
  const temporary = `${target}.${randomUUID()}.part`;
  try {
    await writeFile(temporary, restored, { mode: mode & 0o777, flag: 'wx' });
    // With its time of the save the file is still the one that VS Code knows, so typing on meets no conflict.
    await utimes(temporary, atime, mtime);
    const now = await stat(target);
    if (now.mtimeMs === mtimeMs && now.size === size) await rename(temporary, target);
  } finally {
    await rm(temporary, { force: true });
  }
}

function decode(bytes: Buffer): string {
  return byteTextFor(bytes).streamDecoder().write(bytes);
}
