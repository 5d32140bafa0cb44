import type { HeadActivation } from '../../checkpoint/architectures.ts';
import type { HiddenActivation } from '../../checkpoint/bertConfig.ts';
import { activationGradient } from './activationGradient.ts';
import type { DropoutSite, Operators, Taped } from './operators.ts';

/** y = x Wᵀ + b of [rows, inputs], W being [outputs, inputs] as PyTorch stores it. */
export function linear<V>(operators: Operators<V>, x: V, name: string): Taped<V> {
  const weight = operators.weight(`${name}.weight`);
  return {
    value: operators.linear(x, weight, operators.weight(`${name}.bias`)),
    backward: (gradient) => {
      operators.matrixGradient(`${name}.weight`, gradient, x);
      operators.vectorGradient(`${name}.bias`, gradient);
      return operators.product(gradient, weight);
    },
  };
}

/**
 * Layer normalization over the last axis of [rows, width]. With x̂ the normalized input and d the gradient times the gain:
 * dx = (d - mean(d) - x̂ mean(d x̂)) / σ. Source: Ba et al. 2016; Karpathy's llm.c, layernorm_backward
 */
export function norm<V>(operators: Operators<V>, x: V, name: string, epsilon: number): Taped<V> {
  const { subtract, multiply, meanOfRow } = bound(operators);
  const gain = operators.weight(`${name}.weight`);
  const { value, mean, inverse } = operators.normalize(x, gain, operators.weight(`${name}.bias`), epsilon);
  return {
    value,
    backward: (gradient) => {
      const normalized = multiply(subtract(x, mean), inverse);
      operators.vectorGradient(`${name}.weight`, multiply(gradient, normalized));
      operators.vectorGradient(`${name}.bias`, gradient);
      const d = multiply(gradient, gain);
      const alongNormalized = meanOfRow(multiply(d, normalized));
      const centred = subtract(d, meanOfRow(d));
      return multiply(subtract(centred, multiply(normalized, alongNormalized)), inverse);
    },
  };
}

/** An activation, element by element. */
export function activation<V>(operators: Operators<V>, x: V, kind: HiddenActivation | HeadActivation): Taped<V> {
  const value = operators.activation(kind, x);
  return { value, backward: (gradient) => activationGradient(operators, kind, { x, value, gradient }) };
}

/** Drops values by a mask; gives the value itself where nothing is dropped. */
export function dropout<V>(operators: Operators<V>, x: V, site: DropoutSite): Taped<V> {
  if (operators.dropout === 0) return { value: x, backward: (gradient) => gradient };
  const mask = operators.mask(site);
  return {
    value: operators.multiply(x, mask),
    backward: (gradient) => operators.multiply(gradient, mask),
  };
}

/** The operations that formulas are made of, to be called without their object. */
export function bound<V>(operators: Operators<V>) {
  return {
    add: (a: V, b: V) => operators.add(a, b),
    subtract: (a: V, b: V) => operators.subtract(a, b),
    multiply: (a: V, b: V) => operators.multiply(a, b),
    meanOfRow: (x: V) => operators.meanOfRow(x),
  };
}
