import { sizeText } from '../../../core/sizeText.ts';

/** How far an installation is. It comes with every piece, so whoever shows it thins it out. */
export interface InstallProgress {
  /** What is being done, in a few words that are fit to show. */
  readonly message: string;
  /** Of the whole installation, 0 to 1; absent while it is not known. */
  readonly fraction?: number;
}

/** How far one step of it is, in bytes; the total is undefined while it is not known. */
export type StepProgress = (doneBytes: number, totalBytes: number | undefined) => void;

/**
 * Makes the progress of a step one of the whole.
 * @param doing what the step does, in a few words
 * @param from share of the whole that is done before it, 0 to 1
 * @param to the same, after it
 */
export function stepProgress(
  onProgress: (progress: InstallProgress) => void,
  doing: string,
  from: number,
  to: number,
): StepProgress {
  return (doneBytes, totalBytes) => {
    if (totalBytes === undefined) return onProgress({ message: `${doing}, ${sizeText(doneBytes)}` });
    const share = totalBytes === 0 ? 1 : Math.min(1, doneBytes / totalBytes);
    const message = `${doing}, ${sizeText(doneBytes)} of ${sizeText(totalBytes)}`;
    onProgress({ message, fraction: from + (to - from) * share });
  };
}
