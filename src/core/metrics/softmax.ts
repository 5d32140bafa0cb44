/**
 * Probabilities of each class from logits: exp(x - max) / sum, in double precision.
 * @param logits [labels]
 * @returns [labels], sums to 1
 */
export function softmax(logits: ArrayLike<number>): Float64Array {
  let max = -Infinity;
  for (let i = 0; i < logits.length; i++) max = Math.max(max, logits[i] ?? 0);
  const probabilities = new Float64Array(logits.length);
  let sum = 0;
  for (let i = 0; i < logits.length; i++) sum += probabilities[i] = Math.exp((logits[i] ?? 0) - max);
  for (let i = 0; i < logits.length; i++) probabilities[i] = (probabilities[i] ?? 0) / sum;
  return probabilities;
}

/** Index of the largest value, the first of several; -1 for an empty list. */
export function argMax(values: ArrayLike<number>): number {
  let best = -1;
  for (let i = 0; i < values.length; i++) if (best < 0 || (values[i] ?? 0) > (values[best] ?? 0)) best = i;
  return best;
}
