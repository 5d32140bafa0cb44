import type { HeadActivation } from '../../checkpoint/architectures.ts';
import type { HiddenActivation } from '../../checkpoint/bertConfig.ts';
import type { Operators } from './operators.ts';

/** What an activation took and gave, and the gradient of what it gave; all of one shape. */
interface Activated<V> {
  readonly x: V;
  readonly value: V;
  readonly gradient: V;
}

const SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);
const CUBIC = 0.044715;

/** The gradient of the input of an activation. */
export function activationGradient<V>(
  operators: Operators<V>,
  activation: HiddenActivation | HeadActivation,
  activated: Activated<V>,
): V {
  const { value, gradient } = activated;
  switch (activation) {
    case 'gelu':
      return operators.multiply(gradient, geluSlope(operators, activated.x));
    case 'gelu_new':
      return operators.multiply(gradient, tanhGeluSlope(operators, activated.x));
    case 'relu':
      // Sign is 1 where the value is positive and 0 where it is 0: it is never negative.
      return operators.multiply(gradient, operators.sign(value));
    case 'tanh':
      return operators.multiply(gradient, oneMinusSquare(operators, value));
  }
}

/** Φ(x) + x φ(x), Φ and φ the distribution and density of the standard normal. Source: Hendrycks & Gimpel 2016 */
function geluSlope<V>(operators: Operators<V>, x: V): V {
  const scaled = operators.scale(x, Math.SQRT1_2);
  const distribution = operators.shift(operators.scale(operators.erf(scaled), 0.5), 0.5);
  // exp(-x²/2) = exp(-(x/√2)²)
  const density = operators.exp(operators.negate(operators.multiply(scaled, scaled)));
  return operators.add(distribution, operators.scale(operators.multiply(x, density), 1 / Math.sqrt(2 * Math.PI)));
}

/** With t = tanh(√(2/π) (x + 0.044715 x³)): (1 + t) / 2 + x (1 - t²) √(2/π) (1 + 3 · 0.044715 x²) / 2. */
function tanhGeluSlope<V>(operators: Operators<V>, x: V): V {
  const square = operators.multiply(x, x);
  const inner = operators.multiply(x, operators.shift(operators.scale(square, CUBIC), 1));
  const t = operators.tanh(operators.scale(inner, SQRT_2_OVER_PI));
  const steepness = operators.scale(operators.shift(operators.scale(square, 3 * CUBIC), 1), SQRT_2_OVER_PI / 2);
  const bend = operators.multiply(operators.multiply(x, oneMinusSquare(operators, t)), steepness);
  return operators.add(operators.scale(operators.shift(t, 1), 0.5), bend);
}

/** 1 - x². */
function oneMinusSquare<V>(operators: Operators<V>, x: V): V {
  return operators.shift(operators.negate(operators.multiply(x, x)), 1);
}
