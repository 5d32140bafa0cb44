import type { GraphBuilder, Value } from './graphBuilder.ts';
import { type AddLinears, type TensorTable, tensorNamed } from './linearLayers.ts';
import type { OnnxTensor } from './onnxModel.ts';

/** The uint8 that stands for zero in a quantized activation: -127 to 127 become 1 to 255. */
const ZERO_POINT = 128;
const LARGEST_STEP = 127;

/** Keeps a row of zeros from dividing zero by zero. */
const SMALLEST_SCALE = 1e-12;

/** Names of the tensors of linear layers that share one input and are quantized as one matrix, side by side. */
export function quantizedNames(layers: readonly string[]) {
  const name = layers.join('+');
  return { values: `${name}.int8`, scales: `${name}.scale`, bias: `${name}.bias` } as const;
}

/**
 * Linear layers in eight bits, those of one input as one product: weights as `quantizePerChannel` makes them, activations
 * quantized as they come, each token with a scale of its own. The usual one scale a batch (DynamicQuantizeLinear) makes a
 * text's logits depend on the texts beside it, by up to 0.25, and doubles the error; for that it is up to a quarter faster.
 */
export function quantizedLinears(tensors: TensorTable): AddLinears {
  return (graph, x, layers) => {
    const names = quantizedNames(layers);
    const values = tensorNamed(tensors, names.values);
    const { quantized, scales } = addTokenQuantization(graph, x);
    const product = graph.microsoft('MatMulIntegerToFloat', [
      quantized,
      graph.initializer(values),
      graph.float(1),
      graph.initializer(tensorNamed(tensors, names.scales)),
      graph.uint8(ZERO_POINT),
    ]);
    const scaled = graph.node('Mul', [product, graph.node('Unsqueeze', [scales, graph.int64([1])])]);
    const biased = graph.node('Add', [scaled, graph.initializer(tensorNamed(tensors, names.bias))]);
    return addSplit(graph, biased, values, layers.length);
  };
}

/** Quantizes each row of `x` [rows, inputs] to uint8; `scales` is [rows]. */
function addTokenQuantization(graph: GraphBuilder, x: Value): { quantized: Value; scales: Value } {
  const largest = graph.node('ReduceMax', [graph.node('Abs', [x])], { axes: { ints: [-1] }, keepdims: { int: 0 } });
  const scales = graph.node('Max', [
    graph.node('Div', [largest, graph.float(LARGEST_STEP)]),
    graph.float(SMALLEST_SCALE),
  ]);
  // QuantizeLinear wants a zero point for each scale, and the number of rows is known only at run time.
  const zeroPoints = graph.node('ConstantOfShape', [graph.node('Shape', [scales])], {
    value: { tensor: { name: 'zero_point', dataType: 'uint8', dims: [1], data: Uint8Array.of(ZERO_POINT) } },
  });
  return { quantized: graph.node('QuantizeLinear', [x, scales, zeroPoints], { axis: { int: 0 } }), scales };
}

function addSplit(graph: GraphBuilder, x: Value, values: OnnxTensor, count: number): Value[] {
  if (count === 1) return [x];
  const [, outputs = 0] = values.dims;
  const sizes = Array.from({ length: count }, () => outputs / count);
  return graph.nodeWithOutputs('Split', [x, graph.int64(sizes)], count, { axis: { int: -1 } });
}
