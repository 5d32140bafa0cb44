import { type Disposable, EventEmitter, type TextDocument, type Uri, window, workspace } from 'vscode';
import { UserError } from '../core/userError.ts';
import { CaseDocument, type CaseDocumentServices } from './caseDocument.ts';
import { isCsvDocument } from './csvLanguages.ts';
import { DisposableStore } from './disposableStore.ts';
import { activeLargeFile, largeFileSentence } from './largeFileNotice.ts';

/** The open CSV documents, each as a CaseDocument for as long as it is open in VS Code. */
export class CaseDocuments implements Disposable {
  readonly #cases = new Map<TextDocument, { readonly cases: CaseDocument; readonly loaded: Promise<void> }>();
  readonly #disposables = new DisposableStore();
  readonly #opened = this.#disposables.add(new EventEmitter<CaseDocument>());
  readonly #changed = this.#disposables.add(new EventEmitter<CaseDocument>());
  readonly #closed = this.#disposables.add(new EventEmitter<CaseDocument>());
  /** A document was opened and scanned. */
  readonly onDidOpen = this.#opened.event;
  readonly onDidChange = this.#changed.event;
  readonly onDidClose = this.#closed.event;

  constructor(
    readonly services: CaseDocumentServices,
    readonly onError: (error: unknown) => void,
  ) {
    this.#disposables.add(workspace.onDidOpenTextDocument((document) => this.#open(document)));
    this.#disposables.add(workspace.onDidCloseTextDocument((document) => this.#close(document)));
    this.#disposables.add(
      workspace.onDidChangeTextDocument((event) => this.#cases.get(event.document)?.cases.update(event)),
    );
  }

  /** Takes up the documents that are open already; call it once everything listens. */
  start(): void {
    for (const document of workspace.textDocuments) this.#open(document);
  }

  get(document: TextDocument | undefined): CaseDocument | undefined {
    return document && this.#cases.get(document)?.cases;
  }

  all(): CaseDocument[] {
    return [...this.#cases.values()].map(({ cases }) => cases);
  }

  /** The document of a file, scanned; undefined where it is not open. */
  async scanned(uri: Uri): Promise<CaseDocument | undefined> {
    const entry = [...this.#cases].find(([document]) => document.uri.toString() === uri.toString())?.[1];
    await entry?.loaded;
    return entry?.cases;
  }

  /**
   * The document of the active editor, scanned.
   * @throws UserError where the active editor shows no CSV file
   */
  async active(): Promise<CaseDocument> {
    const entry = window.activeTextEditor && this.#cases.get(window.activeTextEditor.document);
    if (entry === undefined) {
      const large = await activeLargeFile();
      if (large !== undefined) throw new UserError('FILE_TOO_LARGE', largeFileSentence(large));
      throw new UserError(
        'FILE_NOT_FOUND',
        'No CSV file is active: open one, or set the language of this file to CSV in the status bar, and try again.',
      );
    }
    await entry.loaded;
    return entry.cases;
  }

  dispose(): void {
    for (const document of [...this.#cases.keys()]) this.#close(document);
    this.#disposables.dispose();
  }

  #open(document: TextDocument): void {
    if (!isCsvDocument(document) || this.#cases.has(document)) return;
    const cases = new CaseDocument(document, this.services);
    cases.onDidChange(() => this.#changed.fire(cases));
    const loaded = cases.load().then(() => {
      if (this.get(document) === cases) this.#opened.fire(cases);
    });
    loaded.catch(this.onError);
    this.#cases.set(document, { cases, loaded });
  }

  #close(document: TextDocument): void {
    const entry = this.#cases.get(document);
    if (entry === undefined) return;
    this.#cases.delete(document);
    this.#closed.fire(entry.cases);
    entry.cases.dispose();
  }
}
