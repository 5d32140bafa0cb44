import { adamConstants, type Moments } from '../trainingEngine.ts';

/** What one step of Adam takes beside the tensors; the same for every element. */
export interface AdamStep {
  /** Times the bias correction of the first moment. */
  readonly stepSize: number;
  /** 1 / sqrt of the bias correction of the second moment. */
  readonly inverseCorrection: number;
  /** What gradients are multiplied by: less than 1 where their norm is clipped. */
  readonly gradientScale: number;
}

/** A way to compute `applyAdam` for a whole tensor. */
export type UpdateTensor = (
  weights: Float32Array,
  moments: Moments,
  gradient: Float32Array,
  step: AdamStep,
  keep: number,
) => void;

/** `applyAdam` for a whole tensor, in JavaScript. */
export const updateTensor: UpdateTensor = (weights, moments, gradient, step, keep) =>
  applyAdam(weights, moments, gradient, 0, step, keep);

/**
 * The coefficients of a step.
 * @param step from 1
 */
export function adamStep(step: number, learningRate: number, gradientScale: number): AdamStep {
  const { beta1, beta2 } = adamConstants;
  return {
    stepSize: learningRate / (1 - beta1 ** step),
    inverseCorrection: 1 / Math.sqrt(1 - beta2 ** step),
    gradientScale,
  };
}

/**
 * Updates elements `start` to `start + gradient.length` of a tensor and of its moments in place, in one pass: memory, not
 * arithmetic, is what it waits for. Source: Kingma & Ba 2015, algorithm 1; weight decay apart from it: Loshchilov & Hutter 2019
 * @param keep what is left of a weight after weight decay: 1 for none
 */
export function applyAdam(
  weights: Float32Array,
  { first, second }: Moments,
  gradient: Float32Array,
  start: number,
  { stepSize, inverseCorrection, gradientScale }: AdamStep,
  keep: number,
): void {
  const { beta1, beta2, epsilon } = adamConstants;
  const [newShare1, newShare2] = [1 - beta1, 1 - beta2];
  for (let index = 0, at = start; index < gradient.length; index++, at++) {
    const g = (gradient[index] as number) * gradientScale;
    const m = beta1 * (first[at] as number) + newShare1 * g;
    const v = beta2 * (second[at] as number) + newShare2 * g * g;
    first[at] = m;
    second[at] = v;
    weights[at] = (weights[at] as number) * keep - (stepSize * m) / (Math.sqrt(v) * inverseCorrection + epsilon);
  }
}
