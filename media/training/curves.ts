import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { RunView } from '../../src/core/training/runView.ts';
import { element } from './elements.ts';

const HEIGHT = 180;
const NARROWEST = 220;

/** The curves of loss and accuracy: of the steps as a line, of the held-out records as points after each epoch. */
export class Curves {
  readonly root = element('section', { class: 'curves', 'aria-hidden': 'true' });
  private readonly charts: readonly Chart[];

  constructor() {
    this.charts = [new Chart('loss', this.root), new Chart('accuracy', this.root)];
    const each = (change: (chart: Chart) => void) => () => {
      for (const chart of this.charts) change(chart);
    };
    new ResizeObserver(each((chart) => chart.resize())).observe(this.root);
    // Themes are classes of the body; colours are read when a chart is made.
    new MutationObserver(each((chart) => chart.recolour())).observe(document.body, {
      attributeFilter: ['class'],
    });
  }

  show(view: RunView | null): void {
    this.root.hidden = view === null || view.curve.length === 0;
    for (const chart of this.charts) chart.show(view);
  }
}

class Chart {
  private readonly place: HTMLElement;
  private plot: uPlot | undefined;
  private data: uPlot.AlignedData = [[], [], []];

  constructor(
    private readonly what: 'loss' | 'accuracy',
    private readonly parent: HTMLElement,
  ) {
    this.place = element('div', { class: 'chart' });
    parent.append(this.place);
  }

  show(view: RunView | null): void {
    const points = new Map<number, [number | null, number | null]>();
    for (const { step, loss, accuracy } of view?.curve ?? [])
      points.set(step, [this.what === 'loss' ? loss : accuracy, null]);
    const perEpoch = view === null || view.epochs === 0 ? 0 : view.steps / view.epochs;
    for (const { epoch, validationLoss, validationAccuracy } of view?.history ?? []) {
      const step = epoch * perEpoch;
      const held = (this.what === 'loss' ? validationLoss : validationAccuracy) ?? null;
      points.set(step, [points.get(step)?.[0] ?? null, held]);
    }
    const steps = [...points.keys()].sort((a, b) => a - b);
    this.data = [
      steps,
      steps.map((step) => points.get(step)?.[0] ?? null),
      steps.map((step) => points.get(step)?.[1] ?? null),
    ];
    if (steps.length === 0) return;
    if (this.plot === undefined) this.make();
    else this.plot.setData(this.data);
  }

  resize(): void {
    this.plot?.setSize({ width: this.width, height: HEIGHT });
  }

  recolour(): void {
    if (this.plot !== undefined) this.make();
  }

  private get width(): number {
    return Math.max(NARROWEST, Math.floor(this.parent.clientWidth / (this.parent.clientWidth > 560 ? 2 : 1)) - 12);
  }

  private make(): void {
    this.plot?.destroy();
    const colour = (name: string, otherwise: string) =>
      getComputedStyle(document.body).getPropertyValue(name).trim() || otherwise;
    const text = colour('--vscode-foreground', '#888');
    const axis: uPlot.Axis = {
      stroke: text,
      grid: { stroke: colour('--vscode-editorWidget-border', '#8884'), width: 1 },
      ticks: { show: false },
      font: `11px ${colour('--vscode-font-family', 'sans-serif')}`,
    };
    const value = (_: uPlot, raw: number | null) => (raw === null ? '–' : raw.toFixed(3));
    const held = colour('--vscode-charts-yellow', '#cca700');
    this.plot = new uPlot(
      {
        title: this.what,
        width: this.width,
        height: HEIGHT,
        scales: {
          x: { time: false },
          ...(this.what === 'accuracy' ? { y: { range: [0, 1] as [number, number] } } : {}),
        },
        axes: [axis, axis],
        series: [
          { label: 'step' },
          {
            label: 'training',
            stroke: colour('--vscode-charts-blue', '#3794ff'),
            width: 1.5,
            spanGaps: true,
            value,
            points: { show: false },
          },
          {
            label: 'held out',
            stroke: held,
            width: 1.5,
            dash: [4, 3],
            spanGaps: true,
            value,
            points: { show: true, size: 6, fill: held },
          },
        ],
      },
      this.data,
      this.place,
    );
  }
}
