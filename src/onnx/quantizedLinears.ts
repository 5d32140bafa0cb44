import { encoderLayerNames } from '../checkpoint/bertTensors.ts';
import type { QuantizationRecipe } from '../core/metrics/precisionReport.ts';
import type { GraphBuilder, Value } from './graphBuilder.ts';
import { type AddLinears, type TensorTable, tensorNamed } from './linearLayers.ts';
import type { OnnxTensor } from './onnxModel.ts';

/** The recipe of the int8 models that this module and `quantizePerChannel` make. */
export const int8Recipe: QuantizationRecipe = {
  name: 'pairs-1',
  description:
    'weights in int8 with a scale per output, bounded by pairs of inputs; activations in uint8 with a scale per token, ' +
    'mostly positive after the activation function; embeddings, norms, attention and classifier not quantized',
};

/** How values become uint8: `value = (quantized - zeroPoint) * scale`, with a scale for each token. */
interface TokenRange {
  readonly zeroPoint: number;
  /** Keeps the least value that can occur within reach of zero, and a row of zeros from dividing zero by zero. */
  readonly smallestScale: number;
}

/** Values of either sign: -127 to 127 become 1 to 255. */
const symmetric: TokenRange = { zeroPoint: 128, smallestScale: 1e-12 };

/**
 * What an activation gives: GELU and its approximation never fall below -0.1701, ReLU not below 0, so nearly all of the steps
 * can go to the positive values. That halves the error, and spares a pass over the values, against `symmetric`.
 */
const activated: TokenRange = { zeroPoint: 24, smallestScale: 0.1701 / 24 };

const LARGEST_UINT8 = 255;

/** Names of the tensors of linear layers that share one input and are quantized as one matrix, side by side. */
export function quantizedNames(layers: readonly string[]) {
  const name = layers.join('+');
  return { values: `${name}.int8`, scales: `${name}.scale`, bias: `${name}.bias` } as const;
}

/**
 * Linear layers in eight bits, those of one input as one product: weights as `quantizePerChannel` makes them, activations
 * quantized as they come, each token with a scale of its own. The usual one scale a batch (DynamicQuantizeLinear) makes a
 * text's logits depend on the texts beside it, by up to 0.25, and doubles the error; for that it is up to a quarter faster.
 * @param layerCount of the encoder, to know which layers follow an activation
 */
export function quantizedLinears(tensors: TensorTable, layerCount: number): AddLinears {
  const afterActivation = new Set(Array.from({ length: layerCount }, (_, layer) => encoderLayerNames(layer).output));
  return (graph, x, layers) => {
    const names = quantizedNames(layers);
    const values = tensorNamed(tensors, names.values);
    const range = layers.every((layer) => afterActivation.has(layer)) ? activated : symmetric;
    const { quantized, scales } = addTokenQuantization(graph, x, range);
    const product = graph.microsoft('MatMulIntegerToFloat', [
      quantized,
      graph.initializer(values),
      graph.float(1),
      graph.initializer(tensorNamed(tensors, names.scales)),
      graph.uint8(range.zeroPoint),
    ]);
    const scaled = graph.node('Mul', [product, graph.node('Unsqueeze', [scales, graph.int64([1])])]);
    const biased = graph.node('Add', [scaled, graph.initializer(tensorNamed(tensors, names.bias))]);
    return addSplit(graph, biased, values, layers.length);
  };
}

/** Quantizes each row of `x` [rows, inputs] to uint8; `scales` is [rows]. */
function addTokenQuantization(
  graph: GraphBuilder,
  x: Value,
  { zeroPoint, smallestScale }: TokenRange,
): { quantized: Value; scales: Value } {
  const overRow = { axes: { ints: [-1] }, keepdims: { int: 0 } };
  const highest = graph.node('ReduceMax', [x], overRow);
  // Two readings of x are faster than Abs, which writes it once more.
  const largest =
    zeroPoint === symmetric.zeroPoint
      ? graph.node('Max', [highest, graph.node('Neg', [graph.node('ReduceMin', [x], overRow)])])
      : highest;
  const steps = graph.float(LARGEST_UINT8 - zeroPoint);
  const scales = graph.node('Max', [graph.node('Div', [largest, steps]), graph.float(smallestScale)]);
  // QuantizeLinear wants a zero point for each scale, and the number of rows is known only at run time.
  const zeroPoints = graph.node('ConstantOfShape', [graph.node('Shape', [scales])], {
    value: { tensor: { name: 'zero_point', dataType: 'uint8', dims: [1], data: Uint8Array.of(zeroPoint) } },
  });
  return { quantized: graph.node('QuantizeLinear', [x, scales, zeroPoints], { axis: { int: 0 } }), scales };
}

function addSplit(graph: GraphBuilder, x: Value, values: OnnxTensor, count: number): Value[] {
  if (count === 1) return [x];
  const [, outputs = 0] = values.dims;
  const sizes = Array.from({ length: count }, () => outputs / count);
  return graph.nodeWithOutputs('Split', [x, graph.int64(sizes)], count, { axis: { int: -1 } });
}
