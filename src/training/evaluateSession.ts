import { setImmediate as nextTurn } from 'node:timers/promises';
import { throwIfCancelled } from '../core/cancellation.ts';
import { type ClassificationReport, ConfusionCounter } from '../core/metrics/classificationReport.ts';
import { softmax } from '../core/metrics/softmax.ts';
import { packBatches } from '../inference/packing.ts';
import type { FrozenStates } from './frozenStates.ts';
import type { EncodedRecords } from './trainingData.ts';
import type { TrainingSession } from './trainingEngine.ts';

/** How a model does on held-out records. */
export interface Evaluation {
  readonly report: ClassificationReport;
  /** Mean cross-entropy, natural logarithm; every record counts alike. */
  readonly loss: number;
}

/** Tokens of a batch: there is no gradient to keep, so it may be larger than one that is trained on. */
const MAX_TOKENS = 1024;

/**
 * Predicts records with a model under training, as it is now.
 * @param frozen what the frozen part makes of them, in their order; undefined where nothing is frozen
 * @throws UserError CANCELLED, TRAINING_FAILED
 */
export async function evaluateSession(
  session: Pick<TrainingSession, 'predict'>,
  { sequences, classIds }: EncodedRecords,
  labels: readonly string[],
  frozen: FrozenStates | undefined,
  signal?: AbortSignal,
): Promise<Evaluation> {
  const counter = new ConfusionCounter(labels);
  let lossSum = 0;
  for (const batch of packBatches(
    sequences.map(({ length }) => length),
    { maxTokens: MAX_TOKENS },
  )) {
    throwIfCancelled(signal);
    const logits = await session.predict({
      sequences: batch.map((index) => sequences[index] ?? new Int32Array(0)),
      ...(frozen && { frozen: await frozen.of(batch) }),
    });
    for (const [row, index] of batch.entries()) {
      const own = logits.subarray(row * labels.length, (row + 1) * labels.length);
      const actual = classIds[index] ?? 0;
      counter.add(actual, own.indexOf(Math.max(...own)));
      lossSum -= Math.log(Math.max(softmax(own)[actual] ?? 0, Number.MIN_VALUE));
    }
    // Computing holds the event loop: let a cancel in between batches.
    await nextTurn();
  }
  return { report: counter.report(), loss: lossSum / Math.max(1, sequences.length) };
}
