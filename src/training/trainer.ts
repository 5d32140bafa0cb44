import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { throwIfCancelled } from '../core/cancellation.ts';
import { planBatches } from '../core/training/batchPlan.ts';
import { isBetter, stopsEarly } from '../core/training/bestEpoch.ts';
import { lossShares } from '../core/training/classWeights.ts';
import { learningRateAt } from '../core/training/learningRate.ts';
import type { TrainingRecipe } from '../core/training/trainingRecipe.ts';
import { UserError } from '../core/userError.ts';
import { evaluateSession } from './evaluateSession.ts';
import type { FrozenStates } from './frozenStates.ts';
import type { EncodedRecords } from './trainingData.ts';
import type { TrainingSession } from './trainingEngine.ts';
import type { EpochEvent, StepEvent } from './trainingEvent.ts';

/** Encoded records, with what the frozen part makes of them. */
export interface TrainerRecords extends EncodedRecords {
  readonly frozen: FrozenStates | undefined;
}

/** What `train` needs. */
export interface TrainerOptions {
  readonly session: TrainingSession;
  readonly recipe: TrainingRecipe;
  /** In the order of the class ids. */
  readonly labels: readonly string[];
  /** Of each class in the loss. */
  readonly classWeights: readonly number[];
  readonly train: TrainerRecords;
  /** Undefined where no record is held out. */
  readonly validation: TrainerRecords | undefined;
  /** Epochs that were trained before, when a run is taken up again; the session is as it was after the last of them. */
  readonly history: readonly EpochEvent[];
  readonly signal?: AbortSignal;
  readonly onStep: (event: StepEvent) => void;
  /** Called when an epoch is done; the next one waits for it. */
  readonly onEpoch: (event: EpochEvent) => Promise<void>;
}

/** Epochs from the first on, and the one to keep. */
export interface TrainerResult {
  readonly history: readonly EpochEvent[];
  readonly stoppedEarly: boolean;
}

/**
 * Trains epoch after epoch.
 * @throws UserError CANCELLED; TRAINING_DIVERGED where the loss is no number any more; what the session throws
 */
export async function train(options: TrainerOptions): Promise<TrainerResult> {
  const { recipe, onEpoch } = options;
  const history = [...options.history];
  while (history.length < recipe.epochs) {
    const best = history.findLast(({ best }) => best);
    if (best !== undefined && stopsEarly(best.epoch, history.length, recipe.patience)) {
      return { history, stoppedEarly: true };
    }
    const event = await trainEpoch(options, history.length + 1, best);
    history.push(event);
    await onEpoch(event);
  }
  return { history, stoppedEarly: false };
}

/** Steps of one epoch. */
export function stepsPerEpoch(records: number, { batchSize }: Pick<TrainingRecipe, 'batchSize'>): number {
  return Math.ceil(records / batchSize);
}

async function trainEpoch(options: TrainerOptions, epoch: number, best: EpochEvent | undefined): Promise<EpochEvent> {
  const { session, recipe, labels, train, validation, signal, onStep } = options;
  const start = performance.now();
  const perEpoch = stepsPerEpoch(train.sequences.length, recipe);
  const batches = planBatches(
    train.sequences.map(({ length }) => length),
    recipe,
    epoch,
  );
  let [lossSum, hits] = [0, 0];
  for (const [index, batch] of batches.entries()) {
    throwIfCancelled(signal);
    const step = (epoch - 1) * perEpoch + index;
    const classIds = Int32Array.from(batch, (position) => train.classIds[position] ?? 0);
    const learningRate = learningRateAt(recipe, step, recipe.epochs * perEpoch);
    const began = performance.now();
    const { loss, gradientNorm, logits } = await session.step(
      {
        sequences: batch.map((position) => train.sequences[position] ?? new Int32Array(0)),
        ...(train.frozen && { frozen: await train.frozen.of(batch) }),
        labels: classIds,
        shares: lossShares(classIds, options.classWeights),
      },
      { learningRate, dropoutSeed: Math.imul(recipe.seed, 0x9e3779b1) ^ step },
    );
    if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) {
      throw new UserError(
        'TRAINING_DIVERGED',
        `The loss of step ${step + 1} is no number any more, so training was stopped and nothing was changed: try a lower learning rate than ${recipe.learningRate}.`,
      );
    }
    const right = countHits(logits, classIds, labels.length);
    lossSum += loss * batch.length;
    hits += right;
    onStep({
      type: 'step',
      step: step + 1,
      epoch,
      loss,
      accuracy: right / batch.length,
      gradientNorm,
      learningRate,
      seconds: (performance.now() - began) / 1_000,
    });
    // A step holds the event loop: let a cancel in between steps.
    await nextTurn();
  }
  const held = validation && (await evaluateSession(session, validation, labels, validation.frozen, signal));
  const score = held && { macroF1: held.report.macroF1, loss: held.loss };
  const bestScore = best && { macroF1: best.validationMacroF1 ?? 0, loss: best.validationLoss ?? 0 };
  return {
    type: 'epoch',
    epoch,
    trainLoss: lossSum / train.sequences.length,
    trainAccuracy: hits / train.sequences.length,
    ...(held && {
      validationLoss: held.loss,
      validationAccuracy: held.report.accuracy,
      validationMacroF1: held.report.macroF1,
      validation: held.report,
    }),
    seconds: (performance.now() - start) / 1_000,
    // Where nothing is held out the last epoch is the best that is known.
    best: score === undefined || isBetter(score, bestScore),
  };
}

function countHits(logits: Float32Array, classIds: Int32Array, labelCount: number): number {
  let hits = 0;
  for (const [row, actual] of classIds.entries()) {
    const own = logits.subarray(row * labelCount, (row + 1) * labelCount);
    if (own.indexOf(Math.max(...own)) === actual) hits++;
  }
  return hits;
}
