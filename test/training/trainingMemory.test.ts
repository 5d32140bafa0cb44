import { describe, expect, it } from 'vitest';
import type { BertConfig } from '../../src/checkpoint/bertConfig.ts';
import { trainedTensors, trainingMemoryBytes } from '../../src/training/trainingMemory.ts';
import { tinyConfig } from '../support/tinyConfig.ts';

const bertBase: BertConfig = {
  ...tinyConfig,
  embeddingSize: 768,
  hiddenSize: 768,
  layerCount: 12,
  headCount: 12,
  intermediateSize: 3072,
  maxPositions: 512,
  vocabSize: 28_996,
};
const miniLm: BertConfig = {
  ...bertBase,
  embeddingSize: 384,
  hiddenSize: 384,
  layerCount: 6,
  intermediateSize: 1536,
  vocabSize: 30_522,
};
const batch = { scope: 'full', batchSize: 8, maxLength: 103, dropout: 0.1 } as const;

describe('trainingMemoryBytes', () => {
  it.each([
    ['BERT-base', 'onnxruntime', bertBase, 2.42e9],
    ['MiniLM-L6', 'onnxruntime', miniLm, 0.71e9],
    ['BERT-base', 'tensorflow', bertBase, 3.54e9],
    ['MiniLM-L6', 'tensorflow', miniLm, 1.3e9],
  ] as const)('is within 30 %% of what bench:training measured: %s on %s', (_, engine, config, measured) => {
    expect(Math.abs(trainingMemoryBytes(config, batch, engine) / measured - 1)).toBeLessThan(0.3);
  });

  it('grows with what is trained, the batch and the length', () => {
    const bytes = (change: object) => trainingMemoryBytes(bertBase, { ...batch, ...change }, 'onnxruntime');
    expect(bytes({ scope: 'head' })).toBeLessThan(bytes({ scope: 'last-2' }));
    expect(bytes({ scope: 'last-2' })).toBeLessThan(bytes({}));
    expect(bytes({ batchSize: 16 })).toBeGreaterThan(bytes({}));
    expect(bytes({ maxLength: 9_999 })).toBe(bytes({ maxLength: 512 }));
    // The head alone is small, but the weights of all that is frozen are there too.
    expect(bytes({ scope: 'head' })).toBeGreaterThan(150e6 + 4 * 107e6);
  });
});

describe('trainedTensors', () => {
  it('are those of the layers and the head', () => {
    expect(trainedTensors(tinyConfig, 'head')).toEqual([
      'bert.pooler.dense.weight',
      'bert.pooler.dense.bias',
      'classifier.weight',
      'classifier.bias',
    ]);
    expect(trainedTensors(tinyConfig, 'last-1')).toHaveLength(16 + 4);
    expect(trainedTensors(tinyConfig, 'full')).toHaveLength(5 + 2 * 16 + 4);
  });
});
