import { shownName, unsupportedFile } from '../checkpointRefusals.ts';
import type { OnnxGraphIndex, OnnxGraphNode } from './onnxInitializersGraph.ts';
import type { OnnxInitializer } from './onnxInitializersTensor.ts';

/** A tensor of the model as PyTorch had it: an initializer or its transpose. */
export interface NamedInitializer {
  readonly initializer: OnnxInitializer;
  /** Whether the elements have to be transposed; true only for a matrix. */
  readonly isTransposed: boolean;
}

/** A module with a weight and a bias, and the names of these two in the graph. */
interface Layer {
  /** Path of the module in PyTorch, such as `bert.encoder.layer.0.attention.self.query`. */
  readonly module: string;
  readonly weight: string;
  readonly bias: string;
  /** Whether the weight is [inputs, outputs], where PyTorch has [outputs, inputs]; false for a norm. */
  readonly isInputsFirst: boolean;
}

/**
 * Gives the initializers back the names and shapes that the exporters of PyTorch took from them:
 * - The weight of a linear layer becomes `onnx::MatMul_123` or `val_47`, transposed. It is found through the nodes: MatMul, then
 *   Add of a bias that mostly keeps its name. Where it does not, as in float16, the nodes are named after the module.
 * - Of several equal tensors, such as the norms of a fresh model, one stays. The exporter by tracing makes the others outputs of
 *   Identity; that of today uses the one in all places, and notes in each node which module it comes from.
 * Whatever else there is keeps its name.
 * @param fileName for messages
 * @throws UserError BAD_CHECKPOINT if it cannot be told to which of several layers a weight belongs
 */
export function nameInitializers(fileName: string, graph: OnnxGraphIndex): ReadonlyMap<string, NamedInitializer> {
  const constants = traceConstants(graph);
  const parts = new Map<string, NamedInitializer>();
  const operands = new Set<string>();
  for (const layer of layers(graph, constants)) {
    const [weight, bias] = [constants.get(layer.weight), constants.get(layer.bias)];
    if (weight === undefined || bias === undefined) continue;
    const canonical = { ...weight, isTransposed: weight.isTransposed !== layer.isInputsFirst };
    if (namedShape(canonical)[0] !== bias.initializer.shape[0]) continue;
    const previous = parts.get(`${layer.module}.weight`);
    if (previous !== undefined && previous.initializer !== weight.initializer) {
      throw unsupportedFile(fileName, `gives the name ${shownName(layer.module)} to two layers`);
    }
    parts.set(`${layer.module}.weight`, canonical).set(`${layer.module}.bias`, bias);
    if (layer.isInputsFirst || weight.isTransposed) operands.add(layer.weight).add(weight.initializer.name);
    if (!layer.bias.endsWith('.bias')) operands.add(layer.bias);
  }
  const others = [...constants].filter(([name, { isTransposed }]) => !operands.has(name) && !isTransposed);
  return new Map([...others, ...parts]);
}

/** The shape under its name, that is after transposing. */
export function namedShape({ initializer, isTransposed }: NamedInitializer): readonly number[] {
  return isTransposed ? initializer.shape.toReversed() : initializer.shape;
}

/** Every name that stands for an initializer, be it through Identity, Cast or Transpose. Nodes come after what they use. */
function traceConstants({ nodes, initializers }: OnnxGraphIndex): ReadonlyMap<string, NamedInitializer> {
  const constants = new Map<string, NamedInitializer>();
  for (const [name, initializer] of initializers) constants.set(name, { initializer, isTransposed: false });
  for (const node of nodes) {
    const [input = '', output = ''] = [node.inputs[0], node.outputs[0]];
    const constant = constants.get(input);
    if (constant === undefined || output === '') continue;
    if (node.operator === 'Identity' || node.operator === 'Cast') constants.set(output, constant);
    else if (node.operator === 'Transpose' && isMatrixTranspose(node, constant)) {
      constants.set(output, { ...constant, isTransposed: !constant.isTransposed });
    }
  }
  return constants;
}

function isMatrixTranspose({ perm }: OnnxGraphNode, { initializer }: NamedInitializer): boolean {
  return initializer.shape.length === 2 && (perm === undefined || (perm[0] === 1 && perm[1] === 0));
}

/** The layers whose module is known. */
function* layers(
  { nodes }: OnnxGraphIndex,
  constants: ReadonlyMap<string, NamedInitializer>,
): Generator<Layer, void, undefined> {
  const rank = (name: string) => constants.get(name)?.initializer.shape.length;
  const products = new Map<string, string>();
  const layerOf = (node: OnnxGraphNode, weight: string, bias: string, isInputsFirst: boolean): Layer[] => {
    const module = rank(bias) === 1 ? moduleOf(node, bias) : undefined;
    return module === undefined ? [] : [{ module, weight, bias, isInputsFirst }];
  };
  for (const node of nodes) {
    const [first = '', second = '', third = ''] = node.inputs;
    if (node.operator === 'MatMul' && rank(second) === 2) products.set(node.outputs[0] ?? '', second);
    else if (node.operator === 'Add') {
      // The operands come in either order.
      const [bias, product] = products.has(first) ? [second, first] : [first, second];
      const weight = products.get(product);
      if (weight !== undefined) yield* layerOf(node, weight, bias, true);
    } else if (node.operator === 'Gemm' && rank(second) === 2) yield* layerOf(node, second, third, node.transB === 0);
    else if (node.operator === 'LayerNormalization' && rank(second) === 1) yield* layerOf(node, second, third, false);
  }
}

/** The module that a node comes from: as the node says, by the name of its bias, or by its own, `/bert/pooler/dense/Gemm`. */
function moduleOf(node: OnnxGraphNode, bias: string): string | undefined {
  if (node.module !== undefined) return node.module;
  if (bias.endsWith('.bias')) return bias.slice(0, -'.bias'.length);
  const [, path] = /^\/(.+)\/\w+$/.exec(node.name) ?? [];
  return path?.replaceAll('/', '.');
}
