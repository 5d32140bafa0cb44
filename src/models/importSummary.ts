import { architectures } from '../checkpoint/architectures.ts';
import type { BertConfig } from '../checkpoint/bertConfig.ts';
import type { CompleteCheckpoint } from '../checkpoint/completeCheckpoint.ts';
import { writtenDataType } from '../checkpoint/safetensorsWriter.ts';
import { elementBytes } from '../checkpoint/tensorElements.ts';
import type { TensorDataType, TensorSource } from '../checkpoint/tensorSource.ts';
import type { CarriedTokenizer } from './carriedTokenizer.ts';

/** What was found in a checkpoint, and what becomes of it. */
export interface ImportSummary {
  /** As people know it, such as BERT. */
  readonly architecture: string;
  readonly layerCount: number;
  readonly hiddenSize: number;
  readonly headCount: number;
  readonly vocabSize: number;
  /** Longest text in tokens, special tokens included. */
  readonly maxPositions: number;
  /** Weights and biases of the classifier. */
  readonly parameterCount: number;
  /** The file that was opened, such as `pytorch_model.bin`. */
  readonly format: string;
  /** Types in which the checkpoint stores its weights. */
  readonly dataTypes: readonly TensorDataType[];
  /** Bytes of the weights as they are written. */
  readonly sizeBytes: number;
  /** In the order of their ids. */
  readonly labels: readonly string[];
  /** Whether the checkpoint has a classification head, whole, or one was made. */
  readonly head: 'present' | 'fresh';
  /** Names of the tensors that were made. */
  readonly freshTensors: readonly string[];
  /** Tensors of the checkpoint that a classifier does not need. */
  readonly unusedTensorCount: number;
  /** Sentences that whoever imports it has to know. */
  readonly notes: readonly string[];
}

interface Findings extends CompleteCheckpoint {
  readonly source: TensorSource;
  readonly config: BertConfig;
  readonly seed: number;
  readonly tokenizer: CarriedTokenizer;
}

/** Sums up a checkpoint from its names, shapes and types. */
export function summarizeImport({ source, tensors, fresh, config, seed, tokenizer }: Findings): ImportSummary {
  const own = tensors.names().filter((name) => !fresh.includes(name));
  const count = (name: string) => tensors.shape(name).reduce((product, size) => product * size, 1);
  const sum = (weigh: (name: string) => number) => tensors.names().reduce((total, name) => total + weigh(name), 0);
  const { layerCount, hiddenSize, headCount, vocabSize, maxPositions, labels } = config;
  return {
    architecture: architectures[config.architecture].title,
    layerCount,
    hiddenSize,
    headCount,
    vocabSize,
    maxPositions,
    parameterCount: sum(count),
    format: source.fileName,
    dataTypes: [...new Set(own.map((name) => tensors.dtype(name)))],
    sizeBytes: sum((name) => count(name) * elementBytes[writtenDataType(tensors, name)]),
    labels,
    head: fresh.length === 0 ? 'present' : 'fresh',
    freshTensors: fresh,
    unusedTensorCount: source.names().length - own.length,
    notes: [...headNotes(fresh, config, seed), ...labelNotes(labels), ...tokenizerNotes(tokenizer)],
  };
}

function headNotes(fresh: readonly string[], { architecture }: BertConfig, seed: number): string[] {
  if (fresh.length === 0) return [];
  const isBare = fresh.includes(`${architectures[architecture].outer.classifier}.weight`);
  const finding = isBare ? 'no classification head' : `no ${fresh.join(', ')}`;
  return [
    `The checkpoint has ${finding}: a fresh one was made (seed ${seed}); train the model before you trust a prediction.`,
  ];
}

function labelNotes(labels: readonly string[]): string[] {
  if (!labels.every((label) => /^LABEL_\d+$/.test(label))) return [];
  return [
    `The labels have no names (${labels.join(', ')}): import again with their names, in the order of their ids, as in --labels A,B.`,
  ];
}

function tokenizerNotes({ decidedLowercase }: CarriedTokenizer): string[] {
  if (decidedLowercase === undefined) return [];
  return [
    decidedLowercase
      ? 'Nothing says whether the vocabulary is cased; it has no capital letters, so texts are lower-cased.'
      : 'Nothing says whether the vocabulary is cased; it has capital letters, so texts keep theirs.',
  ];
}
