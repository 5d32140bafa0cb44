import { type Disposable, StatusBarAlignment, type StatusBarItem, ThemeColor, window } from 'vscode';
import { countText } from '../core/countText.ts';
import { UserError } from '../core/userError.ts';
import type { CaseDocument, Summary } from './caseDocument.ts';
import type { CaseDocuments } from './caseDocuments.ts';
import { DisposableStore } from './disposableStore.ts';
import type { ModelService } from './modelService.ts';

interface Shown {
  readonly text: string;
  readonly tooltip: string;
  readonly command: string;
  readonly warns?: boolean;
}

/** Model, progress and counts of the active CSV file. */
export class StatusBar implements Disposable {
  readonly #disposables = new DisposableStore();
  readonly #item: StatusBarItem;
  readonly #summaries = new WeakMap<CaseDocument, Summary>();

  constructor(
    readonly documents: CaseDocuments,
    readonly models: ModelService,
  ) {
    this.#item = this.#disposables.add(window.createStatusBarItem('caselight.status', StatusBarAlignment.Right, 90));
    this.#item.name = 'Caselight';
    this.#disposables.add(window.onDidChangeActiveTextEditor(() => this.refresh()));
    this.#disposables.add(models.onDidChange(() => this.refresh()));
  }

  /** The counts of a document are known anew. */
  setSummary(cases: CaseDocument, summary: Summary): void {
    this.#summaries.set(cases, summary);
    this.refresh();
  }

  refresh(): void {
    const cases = this.documents.get(window.activeTextEditor?.document);
    if (cases === undefined) {
      this.#item.hide();
      return;
    }
    const { text, tooltip, command, warns } = this.#describe(cases);
    this.#item.text = text;
    this.#item.tooltip = tooltip;
    this.#item.command = command;
    this.#item.backgroundColor = warns ? new ThemeColor('statusBarItem.warningBackground') : undefined;
    this.#item.accessibilityInformation = { label: `Caselight: ${tooltip}`, role: 'button' };
    this.#item.show();
  }

  dispose(): void {
    this.#disposables.dispose();
  }

  #describe(cases: CaseDocument): Shown {
    const { state } = this.models;
    const actions = 'caselight.showActions';
    if (cases.table?.hasHeader === false) {
      const tooltip = 'The file is empty: it needs a header with the names of its columns.';
      return { text: '$(circle-slash) Caselight: empty file', tooltip, command: actions };
    }
    if (cases.table !== undefined && cases.columns?.text === undefined) {
      const tooltip = 'No column looks like a narrative. Choose one to have the file predicted.';
      return { text: '$(list-selection) Caselight: choose columns', tooltip, command: 'caselight.chooseColumns' };
    }
    if (state.kind === 'failed' || (state.kind === 'ready' && state.error !== undefined)) {
      const tooltip = state.error instanceof UserError ? state.error.message : 'The model stopped; the log tells why.';
      return { text: '$(warning) Caselight: stopped', tooltip, command: actions, warns: true };
    }
    if (state.kind === 'loading') {
      return { text: '$(loading~spin) Caselight: loading model', tooltip: 'Loading the model.', command: actions };
    }
    const summary = this.#summaries.get(cases);
    if (state.kind !== 'ready' || summary === undefined) {
      return { text: '$(tag) Caselight', tooltip: 'Not predicted yet.', command: actions };
    }
    return this.#describeSummary(cases, summary, state.model.description.name, state.model.settings.precision);
  }

  #describeSummary(cases: CaseDocument, summary: Summary, model: string, precision: string): Shown {
    const { counts, recordCount, unknownLabels } = summary;
    const { waiting, noNarrative, disagreement, unknownLabel, unlabelled, agreement, checked } = counts;
    const differ = disagreement + unknownLabel;
    const done = recordCount - waiting;
    const lines = [
      `Model: ${model}, ${precision}`,
      `${countText(done - noNarrative)} of ${countText(recordCount)} records predicted`,
      cases.columns?.label === undefined
        ? 'The file has no label column: add one with "Caselight: Add Label Column…"'
        : `${countText(agreement)} agree, ${countText(differ)} differ, ${countText(unlabelled)} without label, ${countText(checked)} checked`,
    ];
    if (noNarrative > 0) lines.push(`${countText(noNarrative)} without a narrative`);
    if (unknownLabels.size > 0) {
      const named = [...unknownLabels].map(([label, count]) => `${label} (${countText(count)})`);
      lines.push(`Labels the model does not know: ${named.slice(0, 10).join(', ')}${named.length > 10 ? ', …' : ''}`);
    }
    for (const { name } of cases.columns?.problems ?? []) {
      lines.push(`The settings name a column "${name}", which this file does not have`);
    }
    const problems = cases.table?.problemCount ?? 0;
    if (problems > 0) lines.push(`${countText(problems)} problems in the CSV, see Problems`);
    const tooltip = lines.join('\n');
    const command = 'caselight.showActions';
    if (waiting > 0 && cases.wantsPredictions) {
      return { text: `$(sync~spin) Caselight: ${countText(done)} of ${countText(recordCount)}`, tooltip, command };
    }
    if (cases.columns?.label === undefined) {
      return { text: `$(tag) Caselight: ${countText(done - noNarrative)} predicted`, tooltip, command };
    }
    const parts = [`${countText(differ)} differ`, ...(unlabelled > 0 ? [`${countText(unlabelled)} unlabelled`] : [])];
    return { text: `$(tag) Caselight: ${parts.join(', ')}`, tooltip, command };
  }
}
