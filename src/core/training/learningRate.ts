import type { TrainingRecipe } from './trainingRecipe.ts';

/**
 * The learning rate of a step: it rises in a line over the share `warmUpShare` of all steps, then stays, or falls in a line to 0
 * behind the last. Source: get_linear_schedule_with_warmup of transformers
 * @param step from 0
 * @param steps of the whole run
 */
export function learningRateAt(
  { learningRate, warmUpShare, decay }: Pick<TrainingRecipe, 'learningRate' | 'warmUpShare' | 'decay'>,
  step: number,
  steps: number,
): number {
  const warmUp = Math.ceil(warmUpShare * steps);
  // transformers takes its first step at 0, which changes nothing: this one is a step ahead.
  if (step < warmUp) return (learningRate * (step + 1)) / (warmUp + 1);
  return decay === 'none' ? learningRate : (learningRate * (steps - step)) / Math.max(1, steps - warmUp);
}
