import type { TrainingRecipe } from './trainingRecipe.ts';

/** Classes are uneven where the largest has this many times the records of the smallest. */
const UNEVEN = 1.5;

/**
 * The weight of each class in the loss: 1, or n / (k · count) where the recipe balances and the classes are uneven, which gives
 * all classes the same sum. Source: class_weight='balanced' of scikit-learn
 * @param counts training records of each class, all at least 1
 */
export function classWeights(
  counts: readonly number[],
  { classWeights: kind }: Pick<TrainingRecipe, 'classWeights'>,
): readonly number[] {
  const isUneven = Math.max(...counts) >= UNEVEN * Math.min(...counts);
  if (kind === 'none' || !isUneven) return counts.map(() => 1);
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => total / (counts.length * count));
}

/** Each text's share in the loss of a batch: its class's weight of the sum, as the weighted mean of PyTorch's cross-entropy. */
export function lossShares(classIds: ArrayLike<number>, weights: readonly number[]): Float32Array {
  const own = Array.from(classIds, (id) => weights[id] ?? 0);
  const sum = own.reduce((total, weight) => total + weight, 0);
  return Float32Array.from(own, (weight) => weight / sum);
}
