import { firstTrainedLayer, type TrainingRecipe } from './trainingRecipe.ts';

/** What a run is made of, as far as its time depends on it. */
export interface RunSize {
  readonly layerCount: number;
  readonly trainRecords: number;
  readonly validationRecords: number;
  /** Tokens of a text, on average. */
  readonly meanTokens: number;
}

/** Forward alone takes about a third of a step, which also goes back and computes gradients of the weights. */
const FORWARD_SHARE = 1 / 3;
/** What the head and the work around a step take where no layer is trained. */
const HEAD_SHARE = 0.02;
/** Reading, checking, writing and proving the model. */
const FIXED_SECONDS = 4;

/**
 * Expected seconds of a run.
 * @param secondsPerToken of a step that trains all layers, measured on this machine with this model
 */
export function estimateSeconds(
  { scope, epochs }: Pick<TrainingRecipe, 'scope' | 'epochs'>,
  { layerCount, trainRecords, validationRecords, meanTokens }: RunSize,
  secondsPerToken: number,
): number {
  const trained = (layerCount - firstTrainedLayer(scope, layerCount)) / layerCount;
  const frozen = scope === 'full' ? 0 : 1 - trained;
  const share = Math.max(HEAD_SHARE, trained);
  const perEpoch = share * trainRecords + FORWARD_SHARE * share * validationRecords;
  const once = FORWARD_SHARE * frozen * (trainRecords + validationRecords);
  return FIXED_SECONDS + secondsPerToken * meanTokens * (epochs * perEpoch + once);
}

/** A time as people say it: seconds under two minutes, then minutes, then hours. */
export function roughTime(seconds: number): string {
  if (seconds < 100) return `${Math.max(5, Math.round(seconds / 5) * 5)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 100 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`;
}
