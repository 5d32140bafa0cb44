import { UserError } from '../core/userError.ts';
import { LocalBackend } from '../inference/localBackend.ts';
import { describeModel } from '../models/describeModel.ts';
import type { TrainerRecords } from './trainer.ts';
import type { TrainingSession } from './trainingEngine.ts';

/** What the written model is held against. */
export interface ProofOptions {
  readonly session: TrainingSession;
  readonly records: TrainerRecords;
  /** The texts of `records`, in their order. */
  readonly texts: readonly string[];
  readonly labelCount: number;
  readonly cacheDirectory: string;
  readonly threads: number;
  readonly maxLength: number;
  readonly signal?: AbortSignal;
}

const TEXTS = 8;
/** Two orders of the same sums in float32 differ by less, at logits of some units. */
const LARGEST_DIFFERENCE = 1e-3;

/**
 * Loads a model that was trained as the editor will, and holds its logits against those of the session that trained it.
 * @throws UserError TRAINING_FAILED where they differ, or what is wrong with the model
 */
export async function proveTrained(directory: string, options: ProofOptions): Promise<void> {
  const { session, records, texts, labelCount, cacheDirectory, threads, maxLength, signal } = options;
  const proved = [...texts.keys()].slice(0, TEXTS);
  const expected = await session.predict({
    sequences: proved.map((index) => records.sequences[index] ?? new Int32Array(0)),
    ...(records.frozen && { frozen: await records.frozen.of(proved) }),
  });
  const model = await describeModel(directory);
  const backend = new LocalBackend({
    modelDirectory: model.directory,
    modelHash: model.hash,
    modelStamp: model.stamp,
    cacheDirectory,
    precision: 'fp32',
    maxLength,
    threads,
  });
  let largest = 0;
  try {
    await backend.predict(
      proved.map((index) => texts[index] ?? ''),
      {
        ...(signal && { signal }),
        onResults: (results) => {
          for (const { index, logits } of results) {
            for (const [label, logit] of logits.entries()) {
              largest = Math.max(largest, Math.abs(logit - (expected[index * labelCount + label] ?? Number.NaN)));
            }
          }
        },
      },
    );
  } finally {
    await backend.dispose();
  }
  if (largest <= LARGEST_DIFFERENCE) return;
  throw new UserError(
    'TRAINING_FAILED',
    `The model that was written gives other logits than the one that was trained (they differ by ${largest}), so it was thrown away: report this, with the log.`,
  );
}
