/** Symmetric int8 weights of a linear layer, transposed for MatMulInteger. */
export interface QuantizedMatrix {
  /** [inputs, outputs], row-major, within ±`quantizationLimit`. */
  readonly values: Int8Array;
  /** [outputs]: the weight is `values * scale` of its output channel; always positive. */
  readonly scales: Float32Array;
}

/**
 * Largest magnitude of a quantized weight: seven bits. Processors without VNNI multiply u8 by s8 in pairs into 16 bits that
 * saturate at 32,767; 2 x 255 x 64 = 32,640 just fits, 2 x 255 x 127 does not. Every processor then gives the same labels.
 * Source: vpmaddubsw in MLAS; `reduce_range` of onnxruntime.quantization.
 */
export const quantizationLimit = 64;

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
    const largest = largestMagnitude(weight, output * inputs, inputs);
    scales[output] = largest > 0 ? largest / quantizationLimit : 1;
    inverses[output] = largest > 0 ? quantizationLimit / largest : 0;
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

function largestMagnitude(values: Float32Array, start: number, count: number): number {
  let largest = 0;
  for (let index = start; index < start + count; index++) {
    const magnitude = Math.abs(values[index] as number);
    if (magnitude > largest) largest = magnitude;
  }
  return largest;
}
