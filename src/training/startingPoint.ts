import { type BertConfig, parseBertConfig } from '../checkpoint/bertConfig.ts';
import { bertNames, bertTensorShapes, huggingFaceNames } from '../checkpoint/bertTensors.ts';
import { findEncoderWeights } from '../checkpoint/bertWeights.ts';
import type { TensorSource } from '../checkpoint/tensorSource.ts';
import { seededRandom } from '../core/seededRandom.ts';
import { withLabels } from '../models/classifierConfig.ts';

/** What training starts from: a classifier with the labels that it is to have. */
export interface StartingPoint {
  readonly config: BertConfig;
  /** The tensors by the names of `bertTensorShapes`. */
  readonly readWeights: (name: string) => Promise<Float32Array>;
  /** Names of tensors that were drawn anew: the model knows nothing of the labels yet where the classifier is among them. */
  readonly fresh: readonly string[];
  /** Labels of the records for which the base's own head was given up, since it does not know them; none where it is kept. */
  readonly newLabels: readonly string[];
}

/** Standard deviation of fresh weights: `initializer_range` of every architecture in transformers. */
const INITIALIZER_RANGE = 0.02;

/**
 * The labels of a model that is trained: those of the base where it knows all that the records have, so that a class without
 * records is not forgotten, and else those of the records, sorted.
 * @param baseLabels undefined where the base has no head of its own
 */
export function trainedLabels(recordLabels: readonly string[], baseLabels?: readonly string[]): readonly string[] {
  return baseLabels !== undefined && recordLabels.every((label) => baseLabels.includes(label))
    ? baseLabels
    : recordLabels;
}

/**
 * Gives a checkpoint the labels of the records: with its own head where that has these labels, else with a fresh one.
 * @param original fields of its config.json
 * @param recordLabels of the records, sorted
 * @throws UserError BAD_CONFIG, BAD_CHECKPOINT
 */
export function startingPoint(
  source: TensorSource,
  original: Readonly<Record<string, unknown>>,
  recordLabels: readonly string[],
  seed: number,
): StartingPoint {
  const base = parseBertConfig(JSON.stringify(original));
  const { sourceNames, missing } = findEncoderWeights(source, base);
  const { pooler, classifier } = bertNames;
  const ownHead = !missing.includes(`${classifier}.weight`);
  const labels = trainedLabels(recordLabels, ownHead ? base.labels : undefined);
  const config = parseBertConfig(JSON.stringify(withLabels(original, labels)));
  const keepsHead = ownHead && labels === base.labels;
  const fresh = [
    ...missing.filter((name) => name.startsWith(`${pooler}.`)),
    ...(keepsHead ? [] : [`${classifier}.weight`, `${classifier}.bias`]),
  ];
  const shapes = bertTensorShapes(config);
  return {
    config,
    fresh,
    newLabels: ownHead && !keepsHead ? recordLabels.filter((label) => !base.labels.includes(label)) : [],
    readWeights: async (name) => {
      const sourceName = sourceNames.get(name);
      if (!fresh.includes(name) && sourceName !== undefined) return source.read(sourceName);
      return freshWeights(shapes.get(name) ?? [], seed, [...huggingFaceNames(config).keys()].indexOf(name));
    },
  };
}

/** A matrix of random weights, or a bias of zeros. */
function freshWeights(shape: readonly number[], seed: number, position: number): Float32Array {
  const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
  if (shape.length < 2) return values;
  const { normal } = seededRandom(seed + position);
  for (let index = 0; index < values.length; index++) values[index] = INITIALIZER_RANGE * normal();
  return values;
}
