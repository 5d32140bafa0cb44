/** A label of the model with its probability, 0 to 1. */
export interface RankedLabel {
  readonly label: string;
  readonly probability: number;
}

/** The labels of a prediction, the most probable first; equal ones in the model's order. */
export function rankedLabels(labels: readonly string[], probabilities: ArrayLike<number>): RankedLabel[] {
  return labels
    .map((label, i) => ({ label, probability: probabilities[i] ?? 0 }))
    .sort((a, b) => b.probability - a.probability);
}
