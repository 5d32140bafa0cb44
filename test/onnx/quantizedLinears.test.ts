import { Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { encoderLayerNames } from '../../src/checkpoint/bertTensors.ts';
import { GraphBuilder } from '../../src/onnx/graphBuilder.ts';
import type { OnnxTensor } from '../../src/onnx/onnxModel.ts';
import { quantizePerChannel } from '../../src/onnx/quantization.ts';
import { offsetsOf, quantizedLinears, quantizedNames } from '../../src/onnx/quantizedLinears.ts';
import { referenceActivation } from '../support/referenceBert.ts';
import { floatTensor, runModel } from '../support/runModel.ts';

const [tokens, inputs, outputs] = [7, 37, 12];
const layer = encoderLayerNames(0);
const wave = (length: number, step: number) => Float32Array.from({ length }, (_, i) => Math.sin(i * step) * 3);
const weight = wave(outputs * inputs, 1.3);
const bias = wave(outputs, 0.7);

/** Runs the layers `names`, side by side in one matrix, in ONNX Runtime on x [tokens, inputs]. */
async function run(names: readonly string[], x: Float32Array): Promise<number[][]> {
  const named = quantizedNames(names);
  const quantized = quantizePerChannel(weight, outputs, inputs);
  const offsets = offsetsOf(names, quantized, bias);
  const int8: OnnxTensor = {
    name: named.values,
    dataType: 'int8',
    dims: [inputs, outputs],
    data: new Uint8Array(quantized.values.buffer),
  };
  const tensors = [
    int8,
    floatTensor(named.scales, [outputs], quantized.scales),
    floatTensor(named.offsets, offsets.dims, offsets.elements),
  ];
  const table = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const graph = new GraphBuilder('test');
  const results = quantizedLinears(table)(graph, graph.input('x', 'float', ['T', inputs]), names);
  for (const [index, value] of results.entries()) {
    graph.output(graph.node('Identity', [value], {}, `y${index}`), 'float', ['T', outputs / names.length]);
  }
  const found = await runModel(graph.build(), { x: new Tensor('float32', x, [tokens, inputs]) });
  return names.map((_, index) => Array.from(found[`y${index}`]?.data as Float32Array));
}

/** Ties to even, as QuantizeLinear rounds. */
function roundedToEven(value: number): number {
  const below = Math.floor(value);
  if (value - below === 0.5) return below % 2 === 0 ? below : below + 1;
  return Math.round(value);
}

/** The scale and the zero point of a token. */
type Range = (row: readonly number[]) => { scale: number; zeroPoint: number };

const signed: Range = (row) => ({ scale: Math.max(...row.map(Math.abs), 1e-10) / 127, zeroPoint: 128 });
const afterActivation: Range = (row) => ({ scale: Math.max(Math.max(...row) / 231, 0.1701 / 24), zeroPoint: 24 });
const ranged: Range = (row) => {
  const lowest = Math.min(...row, 0);
  const scale = (Math.max(...row, 1e-10) - lowest) / 255;
  return { scale, zeroPoint: roundedToEven(Math.fround(-lowest / Math.fround(scale))) };
};

/** The same in plain integers: what a processor without VNNI computes, which adds pairs of products in 16 bits that saturate. */
function plain(x: Float32Array, range: Range): number[] {
  const { values, scales } = quantizePerChannel(weight, outputs, inputs);
  const saturated = (sum: number) => Math.max(-32_768, Math.min(32_767, sum));
  const result: number[] = [];
  for (let token = 0; token < tokens; token++) {
    const row = [...x.subarray(token * inputs, (token + 1) * inputs)];
    const { scale, zeroPoint } = range(row);
    const steps = (v: number) => roundedToEven(Math.fround(v / Math.fround(scale))) + zeroPoint;
    const quantized = row.map((v) => Math.max(0, Math.min(255, steps(v))));
    for (let output = 0; output < outputs; output++) {
      const column = row.map((_, input) => values[input * outputs + output] ?? Number.NaN);
      let sum = 0;
      for (let input = 0; input < inputs; input += 2) {
        const product = (i: number) => (quantized[i] ?? 0) * (column[i] ?? 0);
        sum += saturated(product(input) + product(input + 1));
      }
      const offset = zeroPoint * column.reduce((total, value) => total + value, 0);
      result.push((sum - offset) * scale * (scales[output] ?? Number.NaN) + (bias[output] ?? Number.NaN));
    }
  }
  return result;
}

/** In units of the largest value, as rounding errors grow with it. */
function largestError(actual: readonly number[], expected: readonly number[]): number {
  expect(actual).toHaveLength(expected.length);
  const largest = Math.max(...expected.map(Math.abs));
  return Math.max(...expected.map((value, index) => Math.abs(value - (actual[index] ?? Number.NaN)))) / largest;
}

/** What float arithmetic gives, with the weights `w` [outputs, inputs]. */
const exact = (x: Float32Array, w = weight): number[] =>
  Array.from({ length: tokens * outputs }, (_, place) => {
    const [token, output] = [Math.floor(place / outputs), place % outputs];
    let sum = bias[output] ?? Number.NaN;
    for (let i = 0; i < inputs; i++) {
      sum += (x[token * inputs + i] ?? Number.NaN) * (w[output * inputs + i] ?? Number.NaN);
    }
    return sum;
  });

/** Rows of very different size, one of them zeros. */
const mixed = wave(tokens * inputs, 0.9).map((value, i) => value * (10 ** (Math.floor(i / inputs) - 3) - 1));
const activated = mixed.map((value) => referenceActivation('gelu', value));

/** Rows of one sign, of both with an outlier of either, and of zeros. */
const skewed = wave(tokens * inputs, 0.9).map((value, i) => {
  const token = Math.floor(i / inputs);
  if (i % inputs === 5 && token < 3) return token === 1 ? 40 : -40;
  return [value, value, value, 4 + value, value - 4, 0, value / 1_000][token] ?? Number.NaN;
});

describe('quantizedLinears', () => {
  it.each([
    ['values of either sign', [layer.intermediate], mixed, signed],
    ['what comes from an activation', [layer.output], activated, afterActivation],
    ['what attention reads', [layer.query, layer.key, layer.value], skewed, ranged],
    ['what attention reads, the keys and values of the last layer', [layer.key, layer.value], mixed, ranged],
  ])('computes what plain integers give, on a processor without VNNI too: %s', async (_, names, x, range) => {
    const parts = await run(names, x);
    const width = outputs / names.length;
    const rows = Array.from({ length: tokens }, (_, token) =>
      parts.flatMap((part) => part.slice(token * width, (token + 1) * width)),
    );
    expect(largestError(rows.flat(), plain(x, range))).toBeLessThan(1e-5);
  });

  it.each([
    ['after an activation', [layer.output], activated],
    ['where attention reads', [layer.query], skewed],
  ])(
    'makes less of an error than with a fixed zero point in the middle, that of the weights apart: %s',
    async (_, names, x) => {
      const { values, scales } = quantizePerChannel(weight, outputs, inputs);
      const rounded = weight.map((_, i) => {
        const [output, input] = [Math.floor(i / inputs), i % inputs];
        return (values[input * outputs + output] ?? Number.NaN) * (scales[output] ?? Number.NaN);
      });
      const expected = exact(x, rounded);
      const meanError = async (layers: readonly string[]) => {
        const [actual = []] = await run(layers, x);
        return actual.reduce((sum, value, i) => sum + Math.abs(value - (expected[i] ?? Number.NaN)), 0) / actual.length;
      };
      expect(await meanError(names)).toBeLessThan((await meanError([layer.intermediate])) * 0.65);
    },
  );

  it('never clips what an activation gives', () => {
    for (const name of ['gelu', 'gelu_new', 'relu'] as const) {
      const values = Array.from({ length: 12_000 }, (_, i) => referenceActivation(name, i / 1_000 - 6));
      expect(Math.min(...values)).toBeGreaterThan(-0.1701);
    }
  });

  it.each([[layer.intermediate], [layer.query]])(
    'is close to float32 for each token, however large the others are: %s',
    async (name) => {
      const [actual = []] = await run([name], mixed);
      const expected = exact(mixed);
      for (let token = 0; token < tokens; token++) {
        const row = (values: readonly number[]) =>
          values.slice(token * outputs, (token + 1) * outputs).map((value, i) => value - (bias[i] ?? Number.NaN));
        const largest = Math.max(1e-9, ...row(expected).map(Math.abs));
        for (const [i, value] of row(expected).entries()) {
          expect(Math.abs(value - (row(actual)[i] ?? Number.NaN))).toBeLessThan(largest * 0.03);
        }
      }
    },
  );
});
