import { createHash } from 'node:crypto';
import { UserError } from '../core/userError.ts';
import type { PreparedRun } from './preparedRun.ts';
import type { RunCheckpoint, RunState } from './runCheckpoint.ts';
import type { TrainingSession } from './trainingEngine.ts';

/** The state of this run: that of an earlier try which was cut off, or a new one. */
export async function takenUp(prepared: PreparedRun, session: TrainingSession): Promise<RunState> {
  const { run, context, checkpoint, earlier } = prepared;
  const key = runKey(prepared);
  const fresh = (): RunState => ({
    key,
    engine: prepared.engine.name,
    started: new Date().toISOString(),
    name: run.name,
    epochs: run.recipe.epochs,
    stepCount: 0,
    history: [],
  });
  if (earlier === undefined) return fresh();
  if (earlier.key === key) {
    try {
      await checkpoint.restore(session, earlier);
      context.onEvent({
        type: 'note',
        message: `Goes on after epoch ${earlier.history.length}, where it was cut off.`,
      });
      return earlier;
    } catch (error) {
      // Half of it may have been put back: only a new session starts from the beginning.
      await checkpoint.remove();
      throw new UserError(
        'TRAINING_FAILED',
        'The checkpoint of the run that was cut off is damaged, and was removed: train again, from the beginning.',
        { cause: error },
      );
    }
  }
  context.onEvent({
    type: 'note',
    message:
      'A run that was cut off had other records or settings, or another engine: it is given up, and this one starts anew.',
  });
  await checkpoint.remove();
  return fresh();
}

/** @throws UserError RUN_CHANGED where the run has to go on and cannot */
export function refuseAnotherRun(prepared: PreparedRun): void {
  const { run, earlier } = prepared;
  if (run.mustGoOn !== true || earlier === undefined || earlier.key === runKey(prepared)) return;
  throw new UserError(
    'RUN_CHANGED',
    `The labelled records, the model that it started from, or the engine changed since the training of ${prepared.run.name} was cut off: put them back as they were to go on, or start anew.`,
  );
}

/** What the weights after each epoch follow from. */
function runKey({ run, base, engine, split }: PreparedRun): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([run.recipe, base.hash, engine.name, engine.versions, run.threads]));
  for (const side of [split.train, split.validation]) {
    hash.update(`\0${side.length}`);
    for (const { text, label } of side) hash.update(`\0${label}\0${text.length}\0`).update(text);
  }
  return hash.digest('hex');
}

export async function keepCheckpoint(
  checkpoint: RunCheckpoint,
  session: TrainingSession,
  state: RunState,
): Promise<void> {
  try {
    await checkpoint.save(session, state);
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw new UserError(
      'IO_ERROR',
      `A checkpoint could not be written (${(cause as NodeJS.ErrnoException).code ?? 'unknown'}), so training was stopped and the model in use stays: check that the disk has room.`,
      { cause },
    );
  }
}
