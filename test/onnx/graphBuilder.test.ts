import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../src/onnx/graphBuilder.ts';
import { floatTensor } from '../support/runModel.ts';

describe('GraphBuilder', () => {
  it('gives every value a name of its own', () => {
    const graph = new GraphBuilder('test');
    const x = graph.input('x', 'float', [1]);
    const values = [graph.node('Abs', [x]), graph.node('Abs', [x]), ...graph.nodeWithOutputs('Split', [x], 3)];
    expect(new Set(values).size).toBe(5);
  });

  it('keeps one copy of a tensor or constant that is used twice', () => {
    const graph = new GraphBuilder('test');
    const weight = floatTensor('w', [1], Float32Array.of(1));
    for (let times = 0; times < 2; times++) {
      graph.initializer(weight);
      graph.int64([1, -1]);
      graph.float(0.5);
      graph.uint8(128);
      graph.int32(128);
    }
    expect(graph.build().initializers.map(({ name }) => name)).toHaveLength(5);
  });

  it.each<[string, (graph: GraphBuilder) => [string, string]]>([
    ['a scalar and a vector of one', (graph) => [graph.int64(1), graph.int64([1])]],
    ['integers and floats', (graph) => [graph.int64(1), graph.float(1)]],
    ['the vectors [1, 23] and [12, 3]', (graph) => [graph.int64([1, 23]), graph.int64([12, 3])]],
  ])('tells %s apart', (_, make) => {
    const [first, second] = make(new GraphBuilder('test'));
    expect(first).not.toBe(second);
  });

  it('names the operator set of ONNX Runtime only when a node needs it', () => {
    const graph = new GraphBuilder('test');
    const y = graph.node('Abs', [graph.input('x', 'float', [1])]);
    expect([...graph.build().opsets]).toEqual([['', 17]]);
    graph.microsoft('Gelu', [y]);
    expect([...graph.build().opsets]).toEqual([
      ['', 17],
      ['com.microsoft', 1],
    ]);
  });
});
