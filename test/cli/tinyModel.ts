import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type BertConfig, parseBertConfig } from '../../src/checkpoint/bertConfig.ts';
import { bertTensorShapes } from '../../src/checkpoint/bertTensors.ts';
import { float32Tensor, safetensorsBytes } from '../support/safetensorsBytes.ts';
import { fixturePath } from '../tokenizer/oracle.ts';

/** Labels of the tiny model, one of which needs quotes in a CSV file. */
export const LABELS: readonly string[] = ['D/LT', 'Non-serious', 'Serious, "hospitalized"'];

/** `config.json` of the tiny model. */
export const CONFIG = {
  model_type: 'bert',
  hidden_size: 16,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  intermediate_size: 32,
  max_position_embeddings: 64,
  vocab_size: 305,
  id2label: Object.fromEntries(LABELS.map((label, id) => [id, label])),
};

/**
 * Writes a model directory of a small BERT that was never trained, but whose label depends on the text.
 * @returns its path
 */
export function writeTinyModel(folder: string): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'config.json'), JSON.stringify(CONFIG));
  writeFileSync(path.join(folder, 'model.safetensors'), tinyWeights(parseBertConfig(JSON.stringify(CONFIG))));
  copyFileSync(fixturePath('vocab.cased.txt'), path.join(folder, 'vocab.txt'));
  return folder;
}

/** The bytes of weights in the order of a fixed sequence of pseudo-random numbers. */
function tinyWeights(config: BertConfig): Uint8Array {
  let state = 7;
  // The generator of Park and Miller, "Random number generators: good ones are hard to find", 1988.
  const next = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647 - 0.5;
  };
  const tensors = [...bertTensorShapes(config)].map(([name, shape]) => {
    const length = shape.reduce((product, size) => product * size, 1);
    const isNorm = name.endsWith('LayerNorm.weight');
    return [
      name,
      float32Tensor(
        shape,
        Array.from({ length }, () => (isNorm ? 1 : next())),
      ),
    ] as const;
  });
  return safetensorsBytes(Object.fromEntries(tensors));
}
