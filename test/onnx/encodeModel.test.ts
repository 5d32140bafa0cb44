import { Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { encodeModel } from '../../src/onnx/encodeModel.ts';
import { GraphBuilder } from '../../src/onnx/graphBuilder.ts';
import type { OnnxAttribute } from '../../src/onnx/onnxModel.ts';
import { floatTensor, runModel } from '../support/runModel.ts';

/** Runs one operator on x = [[1, 2, 3], [4, 5, 6]]. */
async function runOperator(
  operator: string,
  attributes: Record<string, OnnxAttribute>,
  moreInputs: (graph: GraphBuilder) => string[] = () => [],
) {
  const graph = new GraphBuilder('test');
  const x = graph.input('x', 'float', ['rows', 3]);
  const y = graph.node(operator, [x, ...moreInputs(graph)], attributes);
  graph.output(y, 'float', ['a', 'b']);
  const outputs = await runModel(graph.build(), {
    x: new Tensor('float32', Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]),
  });
  return { dims: outputs[y]?.dims, data: Array.from(outputs[y]?.data as Float32Array) };
}

describe('encodeModel, read by ONNX Runtime', () => {
  it.each<[string, string, Record<string, OnnxAttribute>, number[], number[]]>([
    ['an int', 'Flatten', { axis: { int: 0 } }, [1, 6], [1, 2, 3, 4, 5, 6]],
    ['a negative int', 'Flatten', { axis: { int: -2 } }, [1, 6], [1, 2, 3, 4, 5, 6]],
    ['a float', 'ThresholdedRelu', { alpha: { float: 3.5 } }, [2, 3], [0, 0, 0, 4, 5, 6]],
    ['a list of ints', 'Transpose', { perm: { ints: [1, 0] } }, [3, 2], [1, 4, 2, 5, 3, 6]],
  ])('carries %s', async (_, operator, attributes, dims, data) => {
    expect(await runOperator(operator, attributes)).toEqual({ dims, data });
  });

  it('carries a string', async () => {
    const { data } = await runOperator('Pad', { mode: { string: 'reflect' } }, (graph) => [graph.int64([0, 1, 0, 0])]);
    expect(data).toEqual([2, 1, 2, 3, 5, 4, 5, 6]);
  });

  it('carries a list of floats', async () => {
    const { data } = await runOperator('Add', {}, (graph) => [
      graph.node('Constant', [], { value_floats: { floats: [0.5, 1.5, 2.5] } }),
    ]);
    expect(data).toEqual([1.5, 3.5, 5.5, 4.5, 6.5, 8.5]);
  });

  it('carries a tensor', async () => {
    const value = floatTensor('value', [1], Float32Array.of(10));
    const { data } = await runOperator('Mul', {}, (graph) => [
      graph.node('ConstantOfShape', [graph.int64([3])], { value: { tensor: value } }),
    ]);
    expect(data).toEqual([10, 20, 30, 40, 50, 60]);
  });

  it('carries scalars, vectors and an input that is left out', async () => {
    const { data } = await runOperator('Clip', {}, (graph) => ['', graph.float(3)]);
    expect(data).toEqual([1, 2, 3, 3, 3, 3]);
  });

  it('refers to external data by location, offset and length', () => {
    const graph = new GraphBuilder('test');
    graph.initializer({
      name: 'w',
      dataType: 'float',
      dims: [2],
      data: { location: 'weights.bin', offset: 64, length: 8 },
    });
    const text = Buffer.from(encodeModel(graph.build())).toString('latin1');
    // Key and value are fields 1 and 2 of a StringStringEntryProto: each is preceded by its tag and its length.
    for (const [key, value] of [
      ['location', 'weights.bin'],
      ['offset', '64'],
      ['length', '8'],
    ] as const) {
      expect(text).toContain(`${key}\x12${String.fromCharCode(value.length)}${value}`);
    }
  });
});
