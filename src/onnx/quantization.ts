/** int8 weights of a linear layer, transposed for MatMulInteger. */
export interface QuantizedMatrix {
  /** [inputs, outputs], row-major; two weights of one output at inputs 2i and 2i + 1 keep within `largestPairSum`. */
  readonly values: Int8Array;
  /** [outputs]: the weight is `values * scale` of its output channel; always positive. */
  readonly scales: Float32Array;
}

/**
 * The most that the weights of a pair, inputs 2i and 2i + 1 of one output, may come to where both have the same sign.
 *
 * Processors without VNNI multiply u8 by s8 and add neighbours into 16 bits that saturate at 32,767: 255 x 128 = 32,640 just
 * fits. Every processor then gives the same sums, exactly. To keep each weight to seven bits is the usual way to that
 * (`reduce_range` of onnxruntime.quantization), but two weights that are large, neighbours and of one sign are rare: a bound on
 * pairs leaves the others nearly eight bits, and halves the error that quantized weights make in the logits.
 * Source: vpmaddubsw in QgemmU8X8KernelAvx2.S, QgemmU8X8KernelAvx512Core.S and QgemvU8S8KernelAvx2.S of MLAS, of ONNX Runtime.
 */
export const largestPairSum = 128;

/** What the largest pair is scaled to: rounding may add a half to each of its weights. */
const PAIR_TARGET = largestPairSum - 1;

/** Adding and taking away 1.5 x 2^52 rounds a double to the nearest integer, ties to even, without a call. */
const ROUNDING = 6_755_399_441_055_744;

/** Rows transposed together, so that the writes of one column of them stay within a cache line. */
const TILE = 64;

/**
 * Quantizes a weight of a linear layer, each output channel with a scale of its own, and transposes it.
 * @param weight [outputs, inputs], row-major, as PyTorch stores it
 */
export function quantizePerChannel(weight: Float32Array, outputs: number, inputs: number): QuantizedMatrix {
  if (weight.length !== outputs * inputs) {
    throw new Error(`A weight of ${weight.length} elements is not ${outputs} x ${inputs}`);
  }
  const values = new Int8Array(weight.length);
  const scales = new Float32Array(outputs);
  const inverses = new Float64Array(outputs);
  for (let output = 0; output < outputs; output++) {
    const largest = largestPair(weight, output * inputs, inputs);
    scales[output] = largest > 0 ? largest / PAIR_TARGET : 1;
    inverses[output] = largest > 0 ? PAIR_TARGET / largest : 0;
  }
  for (let tile = 0; tile < outputs; tile += TILE) {
    const end = Math.min(tile + TILE, outputs);
    for (let input = 0; input < inputs; input++) {
      const target = input * outputs;
      for (let output = tile; output < end; output++) {
        const scaled = (weight[output * inputs + input] as number) * (inverses[output] as number);
        values[target + output] = scaled + ROUNDING - ROUNDING;
      }
    }
  }
  return { values, scales };
}

/** The largest magnitude that the positive or the negative weights of one pair come to. */
function largestPair(values: Float32Array, start: number, count: number): number {
  let largest = 0;
  for (let index = 0; index < count; index += 2) {
    const first = values[start + index] as number;
    const second = index + 1 < count ? (values[start + index + 1] as number) : 0;
    const sum = first > 0 === second > 0 ? Math.abs(first + second) : Math.max(Math.abs(first), Math.abs(second));
    if (sum > largest) largest = sum;
  }
  return largest;
}
