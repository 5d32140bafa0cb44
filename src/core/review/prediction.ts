import { argMax, softmax } from '../metrics/softmax.ts';

/** What a model says of one narrative. */
export interface Prediction {
  /** Index of the most probable class in the model's labels. */
  readonly labelIndex: number;
  readonly label: string;
  /** Probability of `label`, 0 to 1. */
  readonly confidence: number;
  /** [labels] in the model's order. */
  readonly probabilities: ArrayLike<number>;
  /** True when the model read only the beginning of the narrative. */
  readonly truncated: boolean;
}

/** @param logits [labels] in the order of `labels` */
export function toPrediction(logits: ArrayLike<number>, labels: readonly string[], truncated: boolean): Prediction {
  const probabilities = softmax(logits);
  const labelIndex = argMax(probabilities);
  const label = labels[labelIndex];
  if (label === undefined) throw new Error(`${logits.length} logits for ${labels.length} labels`);
  return { labelIndex, label, confidence: probabilities[labelIndex] ?? 0, probabilities, truncated };
}
