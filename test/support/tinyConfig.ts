import type { BertConfig } from '../../src/checkpoint/bertConfig.ts';

/** The smallest BERT with more than one of everything. */
export const tinyConfig: BertConfig = {
  hiddenSize: 8,
  layerCount: 2,
  headCount: 2,
  intermediateSize: 16,
  maxPositions: 12,
  vocabSize: 20,
  typeVocabSize: 2,
  layerNormEps: 1e-12,
  hiddenAct: 'gelu',
  labels: ['a', 'b', 'c'],
};
