import type { Architecture } from '../../src/checkpoint/architectures.ts';
import type { BertConfig } from '../../src/checkpoint/bertConfig.ts';

/** The smallest BERT with more than one of everything. */
export const tinyConfig: BertConfig = {
  architecture: 'bert',
  embeddingSize: 8,
  hiddenSize: 8,
  layerCount: 2,
  headCount: 2,
  intermediateSize: 16,
  maxPositions: 12,
  positionOffset: 0,
  vocabSize: 20,
  typeVocabSize: 2,
  layerNormEps: 1e-12,
  hiddenAct: 'gelu',
  headActivation: 'tanh',
  isTextClassifier: true,
  labels: ['a', 'b', 'c'],
};

/** The same of every architecture, with what is peculiar to it. */
export const tinyConfigs: Readonly<Record<Architecture, BertConfig>> = {
  bert: tinyConfig,
  distilbert: { ...tinyConfig, architecture: 'distilbert', typeVocabSize: 0, headActivation: 'relu' },
  electra: { ...tinyConfig, architecture: 'electra', embeddingSize: 6, headActivation: 'gelu' },
  roberta: { ...tinyConfig, architecture: 'roberta', positionOffset: 2, typeVocabSize: 1 },
};
