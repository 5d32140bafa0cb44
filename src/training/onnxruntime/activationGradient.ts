import type { HeadActivation } from '../../checkpoint/architectures.ts';
import type { HiddenActivation } from '../../checkpoint/bertConfig.ts';
import type { GraphBuilder, Value } from '../../onnx/graphBuilder.ts';

/** What an activation took and gave, and the gradient of what it gave; all of one shape. */
interface Activated {
  readonly x: Value;
  readonly value: Value;
  readonly gradient: Value;
}

const SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);
const CUBIC = 0.044715;

/** Adds the gradient of the input of `addActivation`. */
export function activationGradient(
  graph: GraphBuilder,
  activation: HiddenActivation | HeadActivation,
  activated: Activated,
): Value {
  switch (activation) {
    case 'gelu':
      return geluGradient(graph, activated);
    case 'gelu_new':
      return tanhGeluGradient(graph, activated);
    case 'relu': {
      const { value, gradient } = activated;
      // Sign is 1 where the value is positive and 0 where it is 0: it is never negative.
      return graph.node('Mul', [gradient, graph.node('Sign', [value])]);
    }
    case 'tanh': {
      const { value, gradient } = activated;
      return graph.node('Mul', [gradient, graph.node('Sub', [graph.float(1), graph.node('Mul', [value, value])])]);
    }
  }
}

/** Φ(x) + x φ(x), Φ and φ the distribution and density of the standard normal. Source: Hendrycks & Gimpel 2016 */
function geluGradient(graph: GraphBuilder, { x, gradient }: Activated): Value {
  const scaled = graph.node('Mul', [x, graph.float(Math.SQRT1_2)]);
  const distribution = graph.node('Add', [
    graph.node('Mul', [graph.node('Erf', [scaled]), graph.float(0.5)]),
    graph.float(0.5),
  ]);
  // exp(-x²/2) = exp(-(x/√2)²)
  const density = graph.node('Exp', [graph.node('Neg', [graph.node('Mul', [scaled, scaled])])]);
  const slope = graph.node('Mul', [graph.node('Mul', [x, density]), graph.float(1 / Math.sqrt(2 * Math.PI))]);
  return graph.node('Mul', [gradient, graph.node('Add', [distribution, slope])]);
}

/** With t = tanh(√(2/π) (x + 0.044715 x³)): (1 + t) / 2 + x (1 - t²) √(2/π) (1 + 3 · 0.044715 x²) / 2. */
function tanhGeluGradient(graph: GraphBuilder, { x, gradient }: Activated): Value {
  const square = graph.node('Mul', [x, x]);
  const times = (value: Value, factor: number) => graph.node('Mul', [value, graph.float(factor)]);
  const plus = (value: Value, term: number) => graph.node('Add', [value, graph.float(term)]);
  const inner = times(graph.node('Mul', [x, plus(times(square, CUBIC), 1)]), SQRT_2_OVER_PI);
  const t = graph.node('Tanh', [inner]);
  const slope = graph.node('Sub', [graph.float(1), graph.node('Mul', [t, t])]);
  const steepness = times(plus(times(square, 3 * CUBIC), 1), SQRT_2_OVER_PI / 2);
  const bend = graph.node('Mul', [graph.node('Mul', [x, slope]), steepness]);
  return graph.node('Mul', [gradient, graph.node('Add', [times(plus(t, 1), 0.5), bend])]);
}
