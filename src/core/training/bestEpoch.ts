/** How an epoch did on the validation records. */
export interface EpochScore {
  readonly macroF1: number;
  readonly loss: number;
}

/** Whether `score` is better than `best`: by macro-F1, and where that is equal by a lower loss. */
export function isBetter(score: EpochScore, best: EpochScore | undefined): boolean {
  if (best === undefined || score.macroF1 !== best.macroF1) return best === undefined || score.macroF1 > best.macroF1;
  return score.loss < best.loss;
}

/**
 * Whether training stops early.
 * @param bestEpoch, epoch from 1: the best so far, and the last that was trained
 */
export function stopsEarly(bestEpoch: number, epoch: number, patience: number | undefined): boolean {
  return patience !== undefined && epoch - bestEpoch >= patience;
}
