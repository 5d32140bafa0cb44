import type { Disposable } from 'vscode';
import type { CaseDocument } from './caseDocument.ts';
import type { CaseDocuments } from './caseDocuments.ts';
import { Debounced } from './debounce.ts';
import { DiagnosticsPublisher } from './diagnosticsPublisher.ts';
import { DisposableStore } from './disposableStore.ts';
import type { ModelService } from './modelService.ts';
import { StatusBar } from './statusBar.ts';

/** Goes through all records of a file after it changed, for the status bar and the diagnostics. */
export class Summaries implements Disposable {
  readonly #disposables = new DisposableStore();
  readonly #publisher = this.#disposables.add(new DiagnosticsPublisher());
  readonly #statusBar: StatusBar;
  readonly #pending = new Map<CaseDocument, Debounced>();

  constructor(
    readonly documents: CaseDocuments,
    models: ModelService,
    readonly onError: (error: unknown) => void,
  ) {
    this.#statusBar = this.#disposables.add(new StatusBar(documents, models));
    this.#disposables.add(documents.onDidOpen((cases) => this.#request(cases)));
    this.#disposables.add(documents.onDidChange((cases) => this.#request(cases)));
    this.#disposables.add(
      documents.onDidClose((cases) => {
        this.#pending.get(cases)?.dispose();
        this.#pending.delete(cases);
        this.#publisher.clear(cases);
        this.#statusBar.refresh();
      }),
    );
  }

  /** Settings changed. */
  requestAll(): void {
    for (const cases of this.documents.all()) this.#request(cases);
  }

  dispose(): void {
    for (const debounced of this.#pending.values()) debounced.dispose();
    this.#disposables.dispose();
  }

  #request(cases: CaseDocument): void {
    let debounced = this.#pending.get(cases);
    if (debounced === undefined) {
      debounced = new Debounced(() => this.#summarise(cases), 150, 1_000, this.onError);
      this.#pending.set(cases, debounced);
      this.#statusBar.refresh();
    }
    debounced.request();
  }

  async #summarise(cases: CaseDocument): Promise<void> {
    const summary = await this.#publisher.publish(cases);
    if (summary !== undefined) this.#statusBar.setSummary(cases, summary);
  }
}
