import type { UserErrorCode } from '../userError.ts';

/**
 * Whether a run that ended with an error is given up, and its checkpoints go: where a person said so, or where every further try
 * would end the same way. After anything else, such as too little memory or a full disk, it can be gone on with.
 * @param code undefined where the error was none that we know
 */
export function isGivenUp(code: UserErrorCode | undefined): boolean {
  return code === 'CANCELLED' || code === 'TRAINING_DIVERGED';
}

/** What a person reads of a run that failed. @param epochs done, and kept in a checkpoint */
export function failedStatus(message: string, epochs: number): string {
  const kept =
    epochs === 0
      ? ''
      : ` What was learned ${epochs === 1 ? 'in the first epoch' : `in ${epochs} epochs`} is kept: run "Caselight: Retrain Model…" to go on from there.`;
  return `${message} The model in use is as it was.${kept}`;
}
