import type { BertConfig } from '../checkpoint/bertConfig.ts';
import { bertNames, bertTensorShapes, encoderLayerNames } from '../checkpoint/bertTensors.ts';
import { firstTrainedLayer, type TrainingRecipe } from '../core/training/trainingRecipe.ts';
import { defaultMaxTokens } from '../inference/packing.ts';
import type { EngineName } from './trainingEngine.ts';

const FLOAT_BYTES = 4;
/** Node, ONNX Runtime and what else a process has before it holds a model. */
const BASE_BYTES = 150e6;
/** What libtensorflow adds to that. */
const TENSORFLOW_BYTES = 300e6;

/** Names of the tensors that a scope trains. */
export function trainedTensors(config: BertConfig, scope: TrainingRecipe['scope']): readonly string[] {
  const names = [...bertTensorShapes(config).keys()];
  if (scope === 'full') return names;
  const first = firstTrainedLayer(scope, config.layerCount);
  const layers = Array.from({ length: config.layerCount - first }, (_, index) =>
    Object.values(encoderLayerNames(first + index)),
  ).flat();
  const modules = [...layers, bertNames.pooler, bertNames.classifier];
  return names.filter((name) => modules.some((module) => name.startsWith(`${module}.`)));
}

/**
 * Most bytes that training holds, roughly: weights, two moments and gradient of what is trained, and what the forward pass
 * keeps of a batch of full length for the backward pass; or, before that, the weights of what is not trained and what they
 * compute. The table of words has no gradient, and moments of the rows only that occur, of which a quarter is assumed. The
 * hidden states of frozen layers come on top of it, see `computeFrozen`.
 */
export function trainingMemoryBytes(
  config: BertConfig,
  { scope, batchSize, maxLength, dropout }: Pick<TrainingRecipe, 'scope' | 'batchSize' | 'maxLength' | 'dropout'>,
  engine: EngineName,
): number {
  const shapes = bertTensorShapes(config);
  const size = (name: string) => (shapes.get(name) ?? []).reduce((product, each) => product * each, 1);
  // TensorFlow has weights and gradients of its own, beside our arrays of them.
  const copies = engine === 'tensorflow' ? 2 : 0;
  const parameters = trainedTensors(config, scope).reduce(
    (sum, name) => sum + size(name) * (name === bertNames.wordEmbeddings ? 1.5 : 4 + copies),
    0,
  );
  const layers = config.layerCount - firstTrainedLayer(scope, config.layerCount);
  const length = Math.min(maxLength, config.maxPositions);
  const tokens = batchSize * length;
  const masks = dropout > 0 ? 1 : 0;
  const perLayer =
    tokens * (config.hiddenSize * (14 + 2 * masks) + config.intermediateSize * 2.5) +
    batchSize * config.headCount * length * length * (2 + 2 * masks);
  // What one layer's backward pass needs for a moment.
  const passing = tokens * (config.intermediateSize * 6 + config.hiddenSize * 6);
  const training = layers * perLayer + (layers > 0 ? passing : 0);
  const names = new Set(trainedTensors(config, scope));
  const frozen = [...shapes.keys()].reduce((sum, name) => sum + (names.has(name) ? 0 : size(name)), 0);
  const frozenTokens = Math.max(length, defaultMaxTokens);
  const encoding =
    frozen === 0
      ? 0
      : frozen +
        frozenTokens * (config.hiddenSize * 8 + config.intermediateSize * 3) +
        2 * config.headCount * frozenTokens * length;
  const base = BASE_BYTES + (engine === 'tensorflow' ? TENSORFLOW_BYTES : 0);
  return base + FLOAT_BYTES * (parameters + Math.max(training, encoding));
}
