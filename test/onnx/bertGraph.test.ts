import { Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import type { BertConfig } from '../../src/checkpoint/bertConfig.ts';
import { bertTensorShapes } from '../../src/checkpoint/bertTensors.ts';
import { packInputs } from '../../src/inference/packing.ts';
import { buildBertGraph } from '../../src/onnx/bertGraph.ts';
import { fullPrecisionLinears, type TensorTable } from '../../src/onnx/linearLayers.ts';
import type { OnnxTensor } from '../../src/onnx/onnxModel.ts';
import { referenceLogits } from '../support/referenceBert.ts';
import { floatTensor, runModel } from '../support/runModel.ts';
import { tinyConfig } from '../support/tinyConfig.ts';

const sequences = [[1, 5, 9, 13, 2], [1, 2], [1, 19, 19, 3, 4, 5, 6, 7, 8, 9, 10, 2], [1]];

function weightsOf(config: BertConfig): Map<string, Float32Array> {
  let seed = 1;
  const next = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647 - 0.5;
  };
  return new Map(
    [...bertTensorShapes(config)].map(([name, shape]) => {
      const length = shape.reduce((product, size) => product * size, 1);
      return [name, Float32Array.from({ length }, next)];
    }),
  );
}

function tableOf(config: BertConfig, weights: ReadonlyMap<string, Float32Array>): TensorTable {
  return new Map(
    [...bertTensorShapes(config)].map(([name, shape]): [string, OnnxTensor] => [
      name,
      floatTensor(name, shape, weights.get(name) ?? new Float32Array(0)),
    ]),
  );
}

async function graphLogits(config: BertConfig, tensors: TensorTable): Promise<number[]> {
  const packed = packInputs(sequences);
  const vector = (data: Int32Array) => new Tensor('int32', data, [data.length]);
  const { logits } = await runModel(buildBertGraph(config, tensors, fullPrecisionLinears(tensors)), {
    input_ids: vector(packed.inputIds),
    position_ids: vector(packed.positionIds),
    pad_index: new Tensor('int32', packed.padIndex, [sequences.length, packed.maxLength]),
    unpad_index: vector(packed.unpadIndex),
    lengths: vector(packed.lengths),
    cls_index: vector(packed.clsIndex),
  });
  expect(logits?.dims).toEqual([sequences.length, config.labels.length]);
  return Array.from(logits?.data as Float32Array);
}

describe('buildBertGraph', () => {
  const variants: [string, Partial<BertConfig>][] = [
    ['one layer', { layerCount: 1 }],
    ['two layers', { layerCount: 2 }],
    ['four layers', { layerCount: 4 }],
    ['one head', { headCount: 1 }],
    ['the tanh approximation of GELU', { hiddenAct: 'gelu_new' }],
    ['ReLU', { hiddenAct: 'relu' }],
    ['a large epsilon', { layerNormEps: 0.1 }],
    ['no token types', { typeVocabSize: 0 }],
    ['positions from the third row on', { positionOffset: 2 }],
    ['embeddings narrower than the layers', { embeddingSize: 6 }],
    ['embeddings wider than the layers', { embeddingSize: 10 }],
    ['a head with GELU', { headActivation: 'gelu' }],
    ['a head with ReLU', { headActivation: 'relu' }],
    ['two labels', { labels: ['a', 'b'] }],
  ];
  it.each(variants)('agrees with the definition of BERT in float64: %s', async (_, change) => {
    const config = { ...tinyConfig, ...change };
    const weights = weightsOf(config);
    const expected = sequences.flatMap((ids) =>
      referenceLogits(config, (name) => weights.get(name) ?? new Float32Array(0), ids),
    );
    const actual = await graphLogits(config, tableOf(config, weights));
    const errors = actual.map((value, index) => Math.abs(value - (expected[index] ?? Number.NaN)));
    expect(Math.max(...errors)).toBeLessThan(1e-5);
    // Texts that all got the same logits would agree with anything.
    expect(new Set(expected.map((value) => value.toFixed(3))).size).toBeGreaterThan(config.labels.length);
  });

  it('takes a tensor that was not placed for a mistake of the program', () => {
    const tensors = new Map([...tableOf(tinyConfig, weightsOf(tinyConfig))].slice(1));
    expect(() => buildBertGraph(tinyConfig, tensors, fullPrecisionLinears(tensors))).toThrow(
      'No tensor bert.embeddings',
    );
  });
});
