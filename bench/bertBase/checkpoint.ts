import { mkdir, open, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseBertConfig } from '../../src/checkpoint/bertConfig.ts';
import { bertTensorShapes } from '../../src/checkpoint/bertTensors.ts';
import { seededRandom } from '../../src/core/seededRandom.ts';
import { bytesOf, dict, list, pickleOf, text } from '../../test/checkpoint/pytorch/pickleBytes.ts';
import { tensor } from '../../test/checkpoint/pytorch/pytorchBytes.ts';
import { casedVocabulary } from './vocabulary.ts';

/** The geometry of dmis-lab/biobert-base-cased-v1.1. */
const GEOMETRY = {
  model_type: 'bert',
  hidden_size: 768,
  num_hidden_layers: 12,
  num_attention_heads: 12,
  intermediate_size: 3072,
  max_position_embeddings: 512,
  vocab_size: 28_996,
  type_vocab_size: 2,
};
const STANDARD_DEVIATION = 0.02;
const WORDS = 'bert.embeddings.word_embeddings.weight';
/** Shares the storage of the word embeddings, as torch.save finds it. */
const TIED = 'cls.predictions.decoder.weight';

export interface BertBaseOptions {
  /** Labels of the classifier; none: the heads of pre-training in its place, as BioBERT is published. */
  readonly labels?: readonly string[];
  readonly seed?: number;
}

/**
 * Makes a checkpoint of BERT-base, 436 MB, with random weights, as checkpoints of its time are: torch.save before PyTorch 1.6,
 * gamma and beta, the prefix `bert.`, `vocab.txt`. The same seed gives the same bytes.
 */
export async function writeBertBase(directory: string, { labels, seed = 42 }: BertBaseOptions = {}): Promise<void> {
  await mkdir(directory, { recursive: true });
  await writeFile(path.join(directory, 'vocab.txt'), casedVocabulary(GEOMETRY.vocab_size));
  await writeFile(path.join(directory, 'tokenizer_config.json'), '{"do_lower_case": false, "model_max_length": 512}\n');
  const config = {
    architectures: [labels ? 'BertForSequenceClassification' : 'BertForPreTraining'],
    attention_probs_dropout_prob: 0.1,
    hidden_act: 'gelu',
    hidden_dropout_prob: 0.1,
    initializer_range: STANDARD_DEVIATION,
    layer_norm_eps: 1e-12,
    pad_token_id: 0,
    ...GEOMETRY,
    ...(labels && {
      id2label: Object.fromEntries(labels.entries()),
      label2id: Object.fromEntries(labels.map((label, id) => [label, id])),
    }),
  };
  const shapes = oldNames(bertTensorShapes(parseBertConfig(JSON.stringify(config))));
  if (labels === undefined) addPretrainingHeads(shapes);
  await writeLegacy(path.join(directory, 'pytorch_model.bin'), shapes, seed);
  await writeFile(path.join(directory, 'config.json'), `${JSON.stringify(config, undefined, 2)}\n`);
}

/** Shapes by the names of the first PyTorch ports of BERT. */
function oldNames(shapes: ReadonlyMap<string, readonly number[]>): Map<string, readonly number[]> {
  const old = (name: string) =>
    name.replace(/(?<=LayerNorm\.)weight$/, 'gamma').replace(/(?<=LayerNorm\.)bias$/, 'beta');
  return new Map([...shapes].map(([name, shape]) => [old(name), shape]));
}

function addPretrainingHeads(shapes: Map<string, readonly number[]>): void {
  const { hidden_size: hidden, vocab_size: words } = GEOMETRY;
  for (const part of ['weight', 'bias']) shapes.delete(`classifier.${part}`);
  shapes
    .set('cls.predictions.bias', [words])
    .set('cls.predictions.transform.dense.weight', [hidden, hidden])
    .set('cls.predictions.transform.dense.bias', [hidden])
    .set('cls.predictions.transform.LayerNorm.gamma', [hidden])
    .set('cls.predictions.transform.LayerNorm.beta', [hidden])
    .set(TIED, [words, hidden])
    .set('cls.seq_relationship.weight', [2, hidden])
    .set('cls.seq_relationship.bias', [2]);
}

/** Source: torch/serialization.py, _legacy_save: five pickles, then each storage after the number of its elements. */
async function writeLegacy(file: string, shapes: ReadonlyMap<string, readonly number[]>, seed: number): Promise<void> {
  const storages = [...shapes].filter(([name]) => name !== TIED);
  const magic = Buffer.from('6cfc9c46f9206aa85019', 'hex');
  const tensors = [...shapes].map(([name, shape]): [string, Uint8Array] => {
    const strides = shape.map((_, axis) => product(shape.slice(axis + 1)));
    return [name, tensor({ key: storageKey(name), length: product(shape), shape, strides })];
  });
  const handle = await open(file, 'w');
  try {
    await handle.write(
      bytesOf(
        pickleOf(0x8a, magic.length, magic),
        pickleOf('M', 0xe9, 0x03),
        pickleOf(dict({ protocol_version: 1001 })),
        pickleOf(dict(Object.fromEntries(tensors))),
        pickleOf(list(...storages.map(([name]) => text(storageKey(name))))),
      ),
    );
    const { normal } = seededRandom(seed);
    for (const [name, shape] of storages) {
      const elements = new Float32Array(product(shape));
      const mean = name.endsWith('.gamma') ? 1 : 0;
      for (let index = 0; index < elements.length; index++) elements[index] = mean + STANDARD_DEVIATION * normal();
      await handle.writev([new BigUint64Array([BigInt(elements.length)]), elements]);
    }
  } finally {
    await handle.close();
  }
}

function storageKey(name: string): string {
  return name === TIED ? WORDS : name;
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((result, size) => result * size, 1);
}
