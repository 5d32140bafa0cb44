import {
  type DecorationOptions,
  type Disposable,
  Range,
  type TextEditor,
  type TextEditorDecorationType,
  ThemeColor,
  window,
} from 'vscode';
import type { CsvTable } from '../core/csv/csvTable.ts';
import { predictionText } from '../core/review/predictionText.ts';
import type { RecordStatus } from '../core/review/recordStatus.ts';
import type { CaseDocument } from './caseDocument.ts';
import type { CaseDocuments } from './caseDocuments.ts';
import { Debounced } from './debounce.ts';
import { DisposableStore } from './disposableStore.ts';
import { labelAnchor, wrapsLines } from './labelAnchor.ts';
import { fileSettings } from './settings.ts';
import { recordsInView } from './visibleRecords.ts';

/** The statuses that are painted, each with its theme colour. */
const COLORS = {
  agreement: 'caselight.agreementForeground',
  disagreement: 'caselight.disagreementForeground',
  unknownLabel: 'caselight.disagreementForeground',
  unlabelled: 'caselight.unlabelledForeground',
  checked: 'caselight.checkedForeground',
} satisfies Partial<Record<RecordStatus, string>>;

type PaintedStatus = keyof typeof COLORS;

function isPainted(status: RecordStatus): status is PaintedStatus {
  return Object.hasOwn(COLORS, status);
}

/**
 * Paints predicted label and confidence beside the records on screen. There is one decoration type a status for the life
 * of the extension, and only visible records with a margin are painted: VS Code hangs on tens of thousands of texts.
 */
export class Decorator implements Disposable {
  readonly #disposables = new DisposableStore();
  /** Editors that show predictions. */
  readonly #painted = new WeakSet<TextEditor>();
  readonly #types: ReadonlyMap<PaintedStatus, TextEditorDecorationType>;
  readonly #repaint = this.#disposables.add(new Debounced(() => this.#paintAll(), 15, 60));

  constructor(readonly documents: CaseDocuments) {
    this.#types = new Map(
      (Object.keys(COLORS) as PaintedStatus[]).map((status) => [
        status,
        this.#disposables.add(window.createTextEditorDecorationType({})),
      ]),
    );
    const request = () => this.#repaint.request();
    this.#disposables.add(window.onDidChangeTextEditorVisibleRanges(request));
    this.#disposables.add(window.onDidChangeVisibleTextEditors(request));
    this.#disposables.add(documents.onDidChange(request));
    this.#disposables.add(documents.onDidOpen(request));
    this.#disposables.add(documents.onDidClose(request));
  }

  /** Paints soon. */
  request(): void {
    this.#repaint.request();
  }

  dispose(): void {
    this.#disposables.dispose();
  }

  #paintAll(): void {
    for (const editor of window.visibleTextEditors) {
      const cases = this.documents.get(editor.document);
      const table = cases?.table;
      if (cases !== undefined && table !== undefined) this.#paint(editor, cases, table);
      // It was a CSV until its language was changed.
      else if (cases === undefined && this.#painted.has(editor)) this.#clear(editor);
    }
  }

  #paint(editor: TextEditor, cases: CaseDocument, table: CsvTable): void {
    const options = new Map<PaintedStatus, DecorationOptions[]>();
    for (const status of this.#types.keys()) options.set(status, []);
    if (fileSettings(editor.document).decorationsEnabled) {
      const wraps = wrapsLines(editor.document);
      for (const record of recordsInView(editor, table)) {
        const prediction = cases.prediction(record);
        const status = cases.status(record);
        if (prediction === undefined || !isPainted(status)) continue;
        const anchor = labelAnchor(editor.document, table, record, cases.columns, wraps);
        const attachment = {
          contentText: predictionText(prediction, status),
          color: new ThemeColor(COLORS[status]),
          // The background of inlay hints: what is not in the file looks like it.
          backgroundColor: new ThemeColor('editorInlayHint.background'),
          fontStyle: 'normal',
          margin: anchor.side === 'after' ? '0 0.75em 0 0.75em' : '0 0.75em 0 0',
        };
        options.get(status)?.push({
          range: new Range(anchor.position, anchor.position),
          renderOptions: { [anchor.side]: attachment },
        });
      }
    }
    for (const [status, type] of this.#types) editor.setDecorations(type, options.get(status) ?? []);
    this.#painted.add(editor);
  }

  #clear(editor: TextEditor): void {
    for (const type of this.#types.values()) editor.setDecorations(type, []);
    this.#painted.delete(editor);
  }
}
