import type { ClassificationReport } from '../metrics/classificationReport.ts';
import type { ModelVerdict } from './modelVerdict.ts';

/** An epoch as it is shown. */
export interface EpochView {
  readonly epoch: number;
  readonly trainLoss: number;
  readonly trainAccuracy: number;
  readonly validationLoss?: number;
  readonly validationAccuracy?: number;
  readonly validationMacroF1?: number;
  readonly report?: ClassificationReport;
  readonly best: boolean;
}

/** How a run of training stands, as the panel shows it. All plain values. */
export interface RunView {
  readonly title: string;
  readonly state: 'preparing' | 'training' | 'asking' | 'done' | 'failed' | 'cancelled';
  /** One sentence for people who cannot see the curves, and for those who can. */
  readonly status: string;
  /** What is trained with, on what. */
  readonly facts: readonly string[];
  readonly step: number;
  readonly steps: number;
  readonly epochs: number;
  readonly stepsPerSecond?: number;
  readonly secondsLeft?: number;
  /** Loss and accuracy of the steps, thinned to what a curve can show. */
  readonly curve: readonly { readonly step: number; readonly loss: number; readonly accuracy: number }[];
  readonly history: readonly EpochView[];
  readonly log: readonly string[];
  /** The model that training started from, on the validation records. */
  readonly baseReport?: ClassificationReport;
  /** The new model on the same. */
  readonly report?: ClassificationReport;
  readonly verdict?: ModelVerdict;
}

/** Points of a curve; more cannot be told apart. */
const MOST_POINTS = 600;

/** A run before it has started. */
export function newRunView(title: string): RunView {
  return {
    title,
    state: 'preparing',
    status: 'Training is being prepared.',
    facts: [],
    step: 0,
    steps: 0,
    epochs: 0,
    curve: [],
    history: [],
    log: [],
  };
}

/** A run that goes on: epochs that were done before are shown as well, by what is known of each as a whole. */
export function withEarlierEpochs(view: RunView, history: readonly EpochView[]): RunView {
  const perEpoch = view.epochs === 0 ? 0 : view.steps / view.epochs;
  const curve = history.map(({ epoch, trainLoss, trainAccuracy }) => ({
    step: epoch * perEpoch,
    loss: trainLoss,
    accuracy: trainAccuracy,
  }));
  return { ...view, history, curve };
}

/** What a step adds. `seconds` are those since training started, of `done` steps. */
export function withStep(
  view: RunView,
  { step, loss, accuracy }: { readonly step: number; readonly loss: number; readonly accuracy: number },
  { seconds, done }: { readonly seconds: number; readonly done: number },
): RunView {
  const stepsPerSecond = seconds > 0 ? done / seconds : 0;
  const every = Math.max(1, Math.ceil(view.steps / MOST_POINTS));
  return {
    ...view,
    state: 'training',
    step,
    stepsPerSecond,
    ...(stepsPerSecond > 0 && { secondsLeft: (view.steps - step) / stepsPerSecond }),
    curve:
      step % every === 0
        ? [...view.curve, { step, loss: smoothed(view, loss), accuracy: smoothedAccuracy(view, accuracy) }]
        : view.curve,
  };
}

/** A line of the log. */
export function withLine(view: RunView, line: string): RunView {
  return { ...view, log: [...view.log, line] };
}

/** A batch of eight says little: what is shown follows the mean of about the last ten. */
const NEWEST_SHARE = 0.2;

function smoothed({ curve }: RunView, loss: number): number {
  const last = curve.at(-1)?.loss;
  return last === undefined ? loss : last + NEWEST_SHARE * (loss - last);
}

function smoothedAccuracy({ curve }: RunView, accuracy: number): number {
  const last = curve.at(-1)?.accuracy;
  return last === undefined ? accuracy : last + NEWEST_SHARE * (accuracy - last);
}
