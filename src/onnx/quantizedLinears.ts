import type { QuantizationRecipe } from '../core/metrics/precisionReport.ts';
import type { GraphBuilder, Value } from './graphBuilder.ts';
import { type AddLinears, type TensorTable, tensorNamed } from './linearLayers.ts';
import type { OnnxTensor } from './onnxModel.ts';
import type { QuantizedMatrix } from './quantization.ts';

/** The recipe of the int8 models that this module and `quantizePerChannel` make. */
export const int8Recipe: QuantizationRecipe = {
  name: 'pairs-and-ranges',
  description:
    'weights in int8, a scale per output, bounded by pairs; activations in uint8, a scale per token, and a zero point per token ' +
    'where attention reads them; embeddings, norms, attention and classifier in floating point',
};

/** Names of the tensors of linear layers that share one input and are quantized as one matrix, side by side. */
export function quantizedNames(layers: readonly string[]) {
  const name = layers.join('+');
  return { values: `${name}.int8`, scales: `${name}.scale`, offsets: `${name}.offset` } as const;
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
    const zeroPoint = zeroPointOf(layers);
    const { quantized, scales, belowZero } =
      zeroPoint === undefined ? quantizeByRange(graph, x) : quantizeBySize(graph, x, zeroPoint);
    const product = graph.microsoft('MatMulIntegerToFloat', [
      quantized,
      graph.initializer(values),
      graph.float(1),
      graph.initializer(tensorNamed(tensors, names.scales)),
      graph.uint8(zeroPoint ?? 0),
    ]);
    const scaled = graph.node('Mul', [product, column(graph, scales)]);
    const offsets = graph.initializer(tensorNamed(tensors, names.offsets));
    // [rows, 2] by [2, outputs]: what the zero points add is taken away, and the bias added, in one pass.
    const sum =
      belowZero === undefined
        ? graph.node('Add', [scaled, offsets])
        : graph.node('Gemm', [withOnes(graph, column(graph, belowZero)), offsets, scaled]);
    return addSplit(graph, sum, values, layers.length);
  };
}

/**
 * What `quantizedLinears` adds to the product of the layers: [outputs], the bias, or [2, outputs], what a zero point of 1 takes
 * from each output and the bias.
 */
export function offsetsOf(layers: readonly string[], { values, scales }: QuantizedMatrix, bias: Float32Array) {
  if (zeroPointOf(layers) !== undefined) return { dims: [bias.length], elements: bias };
  const sums = new Int32Array(bias.length);
  for (let start = 0; start < values.length; start += bias.length) {
    for (let output = 0; output < bias.length; output++) {
      sums[output] = (sums[output] as number) + (values[start + output] as number);
    }
  }
  const elements = new Float32Array(2 * bias.length);
  for (const [output, sum] of sums.entries()) elements[output] = -sum * (scales[output] as number);
  elements.set(bias, bias.length);
  return { dims: [2, bias.length], elements };
}

const LARGEST_UINT8 = 255;

/** Keeps a row of zeros from dividing zero by zero. */
const SMALLEST_RANGE = 1e-10;

/** Values of either sign: -127 to 127 become 1 to 255. */
const SIGNED = 128;

/** GELU and its approximation never fall below -0.1701, ReLU not below 0: nearly all steps can go to the positive values. */
const AFTER_ACTIVATION = 24;
const LOWEST_ACTIVATION = 0.1701;

/**
 * The uint8 that stands for zero in the input of the layers; undefined where it is another for each token. What attention reads
 * has outliers, some tokens' far above zero and some tokens' far below, and half of the error of int8 models came from there.
 */
function zeroPointOf([layer = '']: readonly string[]): number | undefined {
  if (layer.includes('.attention.self.')) return undefined;
  return /\.\d+\.output\.dense$/.test(layer) ? AFTER_ACTIVATION : SIGNED;
}

interface QuantizedRows {
  /** uint8, the shape of what was quantized. */
  readonly quantized: Value;
  /** [rows] */
  readonly scales: Value;
  /** [rows]: what 0 stands for, negated, where the rows differ in that. */
  readonly belowZero?: Value;
}

/** Quantizes each row of `x` [rows, inputs]; its largest value, or largest magnitude, becomes 255. */
function quantizeBySize(graph: GraphBuilder, x: Value, zeroPoint: number): QuantizedRows {
  const steps = LARGEST_UINT8 - zeroPoint;
  const highest = graph.node('ReduceMax', [x], overRow);
  const largest =
    zeroPoint === SIGNED
      ? // Two readings of x are faster than Abs, which writes it once more.
        graph.node('Max', [
          highest,
          graph.node('Neg', [graph.node('ReduceMin', [x], overRow)]),
          graph.float(SMALLEST_RANGE),
        ])
      : graph.node('Max', [highest, graph.float((LOWEST_ACTIVATION / zeroPoint) * steps)]);
  const scales = graph.node('Div', [largest, graph.float(steps)]);
  // QuantizeLinear wants a zero point for each scale, and the number of rows is known only at run time: all scales are zero
  // beside the largest number there is.
  const zeroPoints = graph.node('QuantizeLinear', [scales, graph.float(3e38), graph.uint8(zeroPoint)]);
  return { quantized: graph.node('QuantizeLinear', [x, scales, zeroPoints], { axis: { int: 0 } }), scales };
}

/** Quantizes each row of `x` [rows, inputs]; its lowest value, or zero, becomes 0, its highest, or zero, 255. */
function quantizeByRange(graph: GraphBuilder, x: Value): QuantizedRows {
  const highest = graph.node('Max', [graph.node('ReduceMax', [x], overRow), graph.float(SMALLEST_RANGE)]);
  const lowest = graph.node('Min', [graph.node('ReduceMin', [x], overRow), graph.float(0)]);
  const scales = graph.node('Div', [graph.node('Sub', [highest, lowest]), graph.float(LARGEST_UINT8)]);
  const byRow = { axis: { int: 0 } };
  const zeroPoints = graph.node('QuantizeLinear', [graph.node('Neg', [lowest]), scales], byRow);
  const belowZero = graph.node('DequantizeLinear', [zeroPoints, scales], byRow);
  return { quantized: graph.node('QuantizeLinear', [x, scales, zeroPoints], byRow), scales, belowZero };
}

const overRow = { axes: { ints: [-1] }, keepdims: { int: 0 } } as const;

/** [rows] to [rows, 1]. */
function column(graph: GraphBuilder, rows: Value): Value {
  return graph.node('Unsqueeze', [rows, graph.int64([1])]);
}

/** [rows, 1] to [rows, 2], the second column all ones. */
function withOnes(graph: GraphBuilder, rows: Value): Value {
  return graph.node('Pad', [rows, graph.int64([0, 0, 0, 1]), graph.float(1)]);
}

function addSplit(graph: GraphBuilder, x: Value, values: OnnxTensor, count: number): Value[] {
  if (count === 1) return [x];
  const [, outputs = 0] = values.dims;
  const sizes = Array.from({ length: count }, () => outputs / count);
  return graph.nodeWithOutputs('Split', [x, graph.int64(sizes)], count, { axis: { int: -1 } });
}
