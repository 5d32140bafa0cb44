import { Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { addActivation } from '../../src/onnx/activation.ts';
import { GraphBuilder } from '../../src/onnx/graphBuilder.ts';
import { referenceActivation } from '../support/referenceBert.ts';
import { runModel } from '../support/runModel.ts';

describe('addActivation', () => {
  it.each(['gelu', 'gelu_new', 'relu', 'tanh'] as const)('computes %s as it is defined', async (activation) => {
    const points = Float32Array.from({ length: 121 }, (_, index) => (index - 60) / 10);
    const graph = new GraphBuilder('test');
    const y = addActivation(graph, activation, graph.input('x', 'float', ['n']));
    graph.output(y, 'float', ['n']);
    const outputs = await runModel(graph.build(), { x: new Tensor('float32', points, [points.length]) });
    const values = Array.from(outputs[y]?.data as Float32Array);
    const errors = values.map((value, index) => Math.abs(value - referenceActivation(activation, points[index] ?? 0)));
    expect(Math.max(...errors)).toBeLessThan(1e-6);
    expect(values).toHaveLength(points.length);
  });
});
