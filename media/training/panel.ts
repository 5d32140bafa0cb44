import type { ClassificationReport } from '../../src/core/metrics/classificationReport.ts';
import type { PanelMessage, PanelRequest } from '../../src/core/training/panelProtocol.ts';
import type { RunView } from '../../src/core/training/runView.ts';
import { Curves } from './curves.ts';
import { element, table } from './elements.ts';
import './panel.css';

declare function acquireVsCodeApi(): { postMessage(request: PanelRequest): void };

const editor = acquireVsCodeApi();
const ask = (type: PanelRequest['type']) => () => editor.postMessage({ type });

/** The panel's parts, made once; what changes is put into them. */
class Panel {
  private readonly title = element('h1');
  private readonly status = element('p', { role: 'status', 'aria-live': 'polite', class: 'status' });
  private readonly bar = element('progress', { max: '1', 'aria-label': 'Steps done' });
  private readonly figures = element('ul', { class: 'figures', 'aria-label': 'Figures' });
  private readonly buttons = element('div', { class: 'buttons' });
  private readonly outcome = element('section', { 'aria-label': 'New model against old' });
  private readonly curves = new Curves();
  private readonly epochs = element('section', { 'aria-label': 'Epochs' });
  private readonly matrixEpoch = element('select', { id: 'matrix-epoch' });
  private readonly matrixTable = element('div');
  private readonly matrix = element(
    'section',
    { 'aria-label': 'Confusion matrix' },
    element('h2', {}, 'Confusion matrix'),
    element('label', { for: 'matrix-epoch' }, 'Held-out records after '),
    this.matrixEpoch,
    this.matrixTable,
  );
  private readonly log = element('section', { 'aria-label': 'Log' });
  /** The epoch whose confusion matrix is shown; undefined: the newest. */
  private chosen: number | undefined;
  private shownButtons = '';
  private view: RunView | null = null;

  constructor(root: HTMLElement) {
    const { title, status, bar, figures, buttons, outcome, curves, epochs, matrix, log } = this;
    this.matrixEpoch.addEventListener('change', () => {
      this.chosen = Number(this.matrixEpoch.value);
      this.showMatrix(this.view);
    });
    root.append(title, status, bar, figures, buttons, outcome, curves.root, epochs, matrix, log);
    this.show(null);
  }

  show(view: RunView | null): void {
    this.view = view;
    document.body.dataset.state = view?.state ?? 'empty';
    this.title.textContent = view?.title ?? 'No model has been trained yet';
    // Said once a change: a screen reader would read each step.
    const status =
      view === null ? 'Label some records, then retrain the model on them. It stays on this machine.' : view.status;
    const said = view?.state === 'training' ? `Training: epoch ${view.history.length + 1} of ${view.epochs}` : status;
    if (this.status.dataset.said !== said) this.status.setAttribute('aria-live', 'polite');
    else this.status.setAttribute('aria-live', 'off');
    this.status.dataset.said = said;
    this.status.textContent = status;
    this.bar.hidden = view === null || view.steps === 0 || !['preparing', 'training'].includes(view.state);
    this.bar.value = view === null || view.steps === 0 ? 0 : view.step / view.steps;
    this.showFigures(view);
    this.showButtons(view);
    this.showOutcome(view);
    this.curves.show(view);
    this.showEpochs(view);
    this.showMatrix(view);
    this.log.replaceChildren(
      ...(view === null || view.log.length === 0
        ? []
        : [
            element('h2', {}, 'Log'),
            element('ul', { class: 'log' }, ...view.log.map((line) => element('li', {}, line))),
          ]),
    );
  }

  private showFigures(view: RunView | null): void {
    const rate = view?.stepsPerSecond;
    const facts =
      view === null
        ? []
        : [
            ...view.facts,
            ...(rate === undefined || rate === 0 ? [] : [`${rate.toFixed(rate < 1 ? 2 : 1)} steps a second`]),
          ];
    this.figures.replaceChildren(...facts.map((fact) => element('li', {}, fact)));
  }

  private showButtons(view: RunView | null): void {
    const state = view?.state ?? 'empty';
    // Made anew only when they are others: the focus would be lost.
    if (state === this.shownButtons) return;
    this.shownButtons = state;
    const button = (label: string, request: PanelRequest['type'], primary = false) => {
      const made = element('button', { type: 'button', ...(primary ? { class: 'primary' } : {}) }, label);
      made.addEventListener('click', ask(request));
      return made;
    };
    const byState: Record<string, () => HTMLElement[]> = {
      preparing: () => [button('Cancel', 'cancel')],
      training: () => [button('Cancel', 'cancel')],
      asking: () => [button('Use New Model', 'use'), button('Keep Old Model', 'keep', true)],
      empty: () => [button('Retrain Model…', 'retrain', true)],
    };
    const others = () => [button('Retrain Model…', 'retrain', true), button('Show Log', 'showLog')];
    this.buttons.replaceChildren(...(byState[state] ?? others)());
  }

  private showOutcome(view: RunView | null): void {
    const { report, baseReport, verdict } = view ?? {};
    this.outcome.replaceChildren();
    if (report === undefined) return;
    const rows: [string, (report: ClassificationReport) => number][] = [
      ['accuracy', ({ accuracy }) => accuracy],
      ['macro-F1', ({ macroF1 }) => macroF1],
      ...report.labels.map((label): [string, (report: ClassificationReport) => number] => [
        `recall of ${label}`,
        ({ perClass }) => perClass[label]?.recall ?? 0,
      ]),
    ];
    const cells = rows.map(([name, of]) => {
      const [after, before] = [of(report), baseReport && of(baseReport)];
      const difference = before === undefined ? undefined : after - before;
      const sign = difference === undefined || Math.abs(difference) < 5e-4 ? '±' : difference > 0 ? '▲' : '▼';
      return [
        name,
        after.toFixed(3),
        ...(before === undefined ? [] : [before.toFixed(3), `${sign} ${Math.abs(difference ?? 0).toFixed(3)}`]),
      ];
    });
    this.outcome.replaceChildren(
      element('h2', {}, `On ${report.scored} held-out records`),
      table(['', 'new model', ...(baseReport ? ['old model', 'difference'] : [])], cells),
      ...(verdict?.findings.length
        ? [element('ul', {}, ...verdict.findings.map((finding) => element('li', {}, finding)))]
        : []),
    );
  }

  private showEpochs(view: RunView | null): void {
    this.epochs.replaceChildren();
    if (view === null || view.history.length === 0) return;
    const figure = (value: number | undefined, digits = 3) => (value === undefined ? '–' : value.toFixed(digits));
    const rows = view.history.map((each) => [
      `${each.epoch}${each.best ? ' ★' : ''}`,
      figure(each.trainLoss),
      figure(each.trainAccuracy),
      figure(each.validationLoss),
      figure(each.validationAccuracy),
      figure(each.validationMacroF1),
    ]);
    this.epochs.replaceChildren(
      element('h2', {}, 'Epochs'),
      table(['epoch', 'loss', 'accuracy', 'held-out loss', 'held-out accuracy', 'held-out macro-F1'], rows),
      element('p', { class: 'note' }, '★ the best so far by held-out macro-F1'),
    );
  }

  private showMatrix(view: RunView | null): void {
    const epochs = (view?.history ?? []).filter(({ report }) => report !== undefined);
    const shown = epochs.find(({ epoch }) => epoch === this.chosen) ?? epochs.at(-1);
    // A choice is of one run.
    if (epochs.length === 0) this.chosen = undefined;
    this.matrix.hidden = shown?.report === undefined;
    if (shown?.report === undefined) return;
    const { labels, confusionMatrix } = shown.report;
    this.offerEpochs(epochs.map(({ epoch }) => String(epoch)));
    if (this.matrixEpoch.value !== String(shown.epoch)) this.matrixEpoch.value = String(shown.epoch);
    this.matrixTable.replaceChildren(
      table(
        ['actual \\ predicted', ...labels],
        labels.map((label, row) => [label, ...(confusionMatrix[row] ?? []).map(String)]),
        (row, column) => (column === row + 1 ? 'right' : ''),
      ),
    );
  }

  /** The list stays as it is while nothing is new: made anew, it would close under the hand of whoever opened it. */
  private offerEpochs(epochs: readonly string[]): void {
    const offered = [...this.matrixEpoch.options].map(({ value }) => value);
    if (offered.some((value, index) => value !== epochs[index])) this.matrixEpoch.replaceChildren();
    for (const epoch of epochs.slice(this.matrixEpoch.options.length)) {
      this.matrixEpoch.append(element('option', { value: epoch }, `epoch ${epoch}`));
    }
  }
}

const root = document.getElementById('panel');
if (root !== null) {
  const panel = new Panel(root);
  addEventListener('message', ({ data }: MessageEvent<PanelMessage>) => {
    if (data?.type === 'view') panel.show(data.view);
  });
  editor.postMessage({ type: 'ready' });
}
