import { type Disposable, EventEmitter, type TextDocument, type TextDocumentChangeEvent } from 'vscode';
import type { CsvTable } from '../core/csv/csvTable.ts';
import { decodeField } from '../core/csv/fields.ts';
import { type CaseColumns, resolveColumns } from '../core/resolveColumns.ts';
import type { Prediction } from '../core/review/prediction.ts';
import {
  knownLabel,
  noCounts,
  type RecordStatus,
  recordStatus,
  type StatusCounts,
} from '../core/review/recordStatus.ts';
import type { WorkItem, WorkSource } from '../inference/predictionPump.ts';
import { TimeSlice } from '../inference/timeSlice.ts';
import type { ActiveModel } from './activeModel.ts';
import type { CheckedRecords } from './checkedRecords.ts';
import { DocumentTable } from './documentTable.ts';
import { type RecordFacts, recordFacts } from './recordFacts.ts';
import { fileSettings } from './settings.ts';
import { visibleRecords } from './visibleRecords.ts';

/** How a file stands as a whole. */
export interface Summary {
  readonly counts: StatusCounts;
  readonly recordCount: number;
  /** Labels in the file that the model does not have, with their counts. */
  readonly unknownLabels: ReadonlyMap<string, number>;
}

export interface CaseDocumentServices {
  /** The model whose predictions are shown; undefined while none is ready. */
  readonly model: () => ActiveModel | undefined;
  readonly checked: CheckedRecords;
  readonly chosenColumns: (document: TextDocument) => Parameters<typeof resolveColumns>[1];
}

/** An open CSV document as cases: its table, its columns, and what is known of each record. */
export class CaseDocument implements WorkSource, Disposable {
  readonly #table: DocumentTable;
  readonly #services: CaseDocumentServices;
  readonly #changed = new EventEmitter<void>();
  /** By record; filled on demand. */
  #facts: (RecordFacts | undefined)[] = [];
  #columns: CaseColumns | undefined;
  /** Every record before it has a prediction. */
  #cursor = 0;
  /** Raised whenever the cursor is moved from outside of the loop that moves it on. */
  #generation = 0;
  #disposed = false;
  /** Whether a person asked for the file to be predicted, or not to go on. */
  #asked: boolean | undefined;

  /** Records, labels, columns or predictions changed. */
  readonly onDidChange = this.#changed.event;

  constructor(
    readonly document: TextDocument,
    services: CaseDocumentServices,
  ) {
    this.#table = new DocumentTable(document);
    this.#services = services;
  }

  /** Scans the document; it is of use from then on. */
  async load(): Promise<void> {
    const table = await this.#table.scan();
    this.#reset(table);
  }

  /** The table in step with the document; undefined while it is being scanned. */
  get table(): CsvTable | undefined {
    return this.#table.current;
  }

  get columns(): CaseColumns | undefined {
    return this.#columns;
  }

  get model(): ActiveModel | undefined {
    return this.#services.model();
  }

  /** Whether its records are to be predicted: a person said so, or the setting does. */
  get wantsPredictions(): boolean {
    return this.#asked ?? fileSettings(this.document).predictOnOpen;
  }

  /** A person starts or stops the prediction of this file. */
  ask(wanted: boolean): void {
    this.#asked = wanted;
    this.#changed.fire();
  }

  update(event: TextDocumentChangeEvent): void {
    const splice = this.#table.update(event);
    if (splice === undefined) return;
    const { first, removed, added, headerTouched } = splice;
    if (headerTouched) {
      const table = this.#table.current;
      if (table !== undefined) this.#reset(table);
      return;
    }
    const placeholders = new Array<undefined>(added).fill(undefined);
    if (removed === added && added < 1000) this.#facts.splice(first, removed, ...placeholders);
    else this.#facts = this.#facts.slice(0, first).concat(placeholders, this.#facts.slice(first + removed));
    this.#moveCursor(Math.min(this.#cursor, first));
    this.#changed.fire();
  }

  /** Columns were chosen anew, or settings changed. */
  refreshColumns(): void {
    const table = this.#table.current;
    if (table !== undefined) this.#reset(table);
  }

  /** Another model is active: every record is to be looked at again. */
  restartPredictions(): void {
    this.#moveCursor(0);
    this.#changed.fire();
  }

  /** Something about its records is to be shown anew. */
  refresh(): void {
    this.#changed.fire();
  }

  /** Whether the document was closed, or is no CSV any more. */
  get isDisposed(): boolean {
    return this.#disposed;
  }

  facts(record: number): RecordFacts {
    const known = this.#facts[record];
    if (known !== undefined) return known;
    const table = this.#requireTable();
    const columns = this.#columns;
    const fields = table.fields(record);
    const value = (column: number | undefined) => {
      const field = column === undefined ? undefined : fields[column];
      return field && decodeField(table.text, field);
    };
    const facts = recordFacts(value(columns?.id), value(columns?.label), value(columns?.text));
    this.#facts[record] = facts;
    return facts;
  }

  prediction(record: number): Prediction | undefined {
    const { textHash } = this.facts(record);
    return textHash === undefined ? undefined : this.model?.prediction(textHash);
  }

  status(record: number): RecordStatus {
    const { label, textHash } = this.facts(record);
    const model = this.model;
    if (textHash === undefined) return 'noNarrative';
    if (model === undefined) return 'waiting';
    const isChecked = () => this.#services.checked.has(this.document.uri, this.facts(record));
    return recordStatus(label, model.prediction(textHash), model.labelSet, isChecked);
  }

  /** Goes through all records in slices; `visit` sees each with its status. */
  async summarise(visit: (record: number, status: RecordStatus) => void = () => {}): Promise<Summary | undefined> {
    const slice = new TimeSlice();
    const { version } = this.document;
    const counts = noCounts();
    const unknownLabels = new Map<string, number>();
    const recordCount = this.table?.recordCount ?? 0;
    for (let record = 0; record < recordCount; record++) {
      if (slice.isOver) {
        await slice.pause();
        // Of a document that changed meanwhile, the summary would be of neither version.
        if (this.#disposed || this.document.version !== version || this.table === undefined) return undefined;
      }
      const status = this.status(record);
      counts[status]++;
      const { label } = this.facts(record);
      const { model } = this;
      const isUnknown = (text: string) =>
        model !== undefined && knownLabel(text, (each) => model.labelSet.has(each)) === undefined;
      if (label !== undefined && label.trim() !== '' && isUnknown(label)) {
        unknownLabels.set(label, (unknownLabels.get(label) ?? 0) + 1);
      }
      visit(record, status);
    }
    return { counts, recordCount, unknownLabels };
  }

  /** @inheritdoc What is on screen comes first, then the rest of the file in its order. */
  async nextWork(limit: number): Promise<readonly WorkItem[]> {
    const model = this.model;
    if (this.table === undefined || model === undefined || this.#columns?.text === undefined) return [];
    if (!this.wantsPredictions) return [];
    const work = new Map<string, WorkItem>();
    const consider = (record: number) => {
      const { textHash } = this.facts(record);
      if (textHash !== undefined && !work.has(textHash) && model.prediction(textHash) === undefined) {
        work.set(textHash, { hash: textHash, text: this.#text(record) });
      }
    };
    for (const record of visibleRecords(this.document, this.table)) {
      if (work.size >= limit) return [...work.values()];
      consider(record);
    }
    if (work.size > 0) return [...work.values()];

    const slice = new TimeSlice();
    const generation = this.#generation;
    for (let record = this.#cursor; work.size < limit; record++) {
      if (slice.isOver) await slice.pause();
      // What happened during the pause has told the pump that there is work, which then asks again.
      if (this.#disposed || this.#generation !== generation) return [];
      if (this.table === undefined || record >= this.table.recordCount) break;
      consider(record);
      if (work.size === 0) this.#cursor = record + 1;
    }
    return [...work.values()];
  }

  onPredictions(): void {
    this.#changed.fire();
  }

  dispose(): void {
    this.#disposed = true;
    this.#changed.dispose();
  }

  #reset(table: CsvTable): void {
    this.#columns = resolveColumns(table.header, this.#services.chosenColumns(this.document));
    this.#facts = new Array<undefined>(table.recordCount).fill(undefined);
    this.#moveCursor(0);
    this.#changed.fire();
  }

  #moveCursor(record: number): void {
    this.#cursor = record;
    this.#generation++;
  }

  #text(record: number): string {
    return this.#requireTable().value(record, this.#columns?.text ?? -1) ?? '';
  }

  #requireTable(): CsvTable {
    const table = this.#table.current;
    if (table === undefined) throw new Error('the document is not scanned yet');
    return table;
  }
}
