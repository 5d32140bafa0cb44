import type { HeadActivation } from '../checkpoint/architectures.ts';
import type { HiddenActivation } from '../checkpoint/bertConfig.ts';
import type { GraphBuilder, Value } from './graphBuilder.ts';

/**
 * Adds the activation of a feed-forward layer or of the head, element by element.
 * ONNX Runtime's own Gelu and FastGelu (x/2 * (1 + tanh(sqrt(2/pi) * (x + 0.044715 x^3)))) are one pass over the values each.
 */
export function addActivation(graph: GraphBuilder, activation: HiddenActivation | HeadActivation, x: Value): Value {
  switch (activation) {
    case 'gelu':
      return graph.microsoft('Gelu', [x]);
    case 'gelu_new':
      return graph.microsoft('FastGelu', [x]);
    case 'relu':
      return graph.node('Relu', [x]);
    case 'tanh':
      return graph.node('Tanh', [x]);
  }
}
