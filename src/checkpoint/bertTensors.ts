import { architectures, type LayerNames, type OuterNames } from './architectures.ts';
import type { BertConfig } from './bertConfig.ts';

/**
 * The names by which this program knows the parts of every architecture, up to `.weight` and `.bias`: those of BERT. What a
 * checkpoint calls them is another matter, see `huggingFaceNames`.
 * @param layer 0-based
 */
export function encoderLayerNames(layer: number): LayerNames {
  return architectures.bert.layer(layer);
}

const { outer } = architectures.bert;

/** As `encoderLayerNames`, outside of the layers. The tables of the embeddings are named in full. */
export const bertNames = {
  ...outer,
  wordEmbeddings: `${outer.wordEmbeddings}.weight`,
  positionEmbeddings: `${outer.positionEmbeddings}.weight`,
  tokenTypeEmbeddings: `${outer.tokenTypeEmbeddings}.weight`,
} as const;

/**
 * The shape of every tensor of a sequence classifier, by this program's name, in the order of the forward pass.
 * A weight of a linear layer is [outputs, inputs].
 */
export function bertTensorShapes(config: BertConfig): ReadonlyMap<string, readonly number[]> {
  const { hiddenSize: hidden, embeddingSize: embedding, intermediateSize: intermediate } = config;
  const shapes = new Map<string, readonly number[]>();
  const linear = (name: string, outputs: number, inputs: number) => {
    shapes.set(`${name}.weight`, [outputs, inputs]).set(`${name}.bias`, [outputs]);
  };
  const norm = (name: string, size: number) => {
    shapes.set(`${name}.weight`, [size]).set(`${name}.bias`, [size]);
  };
  shapes.set(bertNames.wordEmbeddings, [config.vocabSize, embedding]);
  shapes.set(bertNames.positionEmbeddings, [config.positionOffset + config.maxPositions, embedding]);
  if (config.typeVocabSize > 0) shapes.set(bertNames.tokenTypeEmbeddings, [config.typeVocabSize, embedding]);
  norm(bertNames.embeddingNorm, embedding);
  if (embedding !== hidden) linear(bertNames.embeddingProjection, hidden, embedding);
  for (let layer = 0; layer < config.layerCount; layer++) {
    const names = encoderLayerNames(layer);
    linear(names.query, hidden, hidden);
    linear(names.key, hidden, hidden);
    linear(names.value, hidden, hidden);
    linear(names.attentionOutput, hidden, hidden);
    norm(names.attentionNorm, hidden);
    linear(names.intermediate, intermediate, hidden);
    linear(names.output, hidden, intermediate);
    norm(names.outputNorm, hidden);
  }
  linear(bertNames.pooler, hidden, hidden);
  linear(bertNames.classifier, config.labels.length, hidden);
  return shapes;
}

/**
 * What Hugging Face's class for sequence classification calls each tensor: this program's name to its own, in the order of the
 * forward pass.
 */
export function huggingFaceNames(config: BertConfig): ReadonlyMap<string, string> {
  const { outer: ownOuter, layer: ownLayer } = architectures[config.architecture];
  const modules = new Map(renamed(outer, ownOuter));
  for (let layer = 0; layer < config.layerCount; layer++) {
    for (const [name, own] of renamed(encoderLayerNames(layer), ownLayer(layer))) modules.set(name, own);
  }
  return new Map(
    [...bertTensorShapes(config).keys()].map((name) => {
      const dot = name.lastIndexOf('.');
      return [name, `${modules.get(name.slice(0, dot))}${name.slice(dot)}`];
    }),
  );
}

/** The names of the same parts in two tables, side by side. */
function renamed<Names extends LayerNames | OuterNames>(from: Names, to: Names): [string, string][] {
  return (Object.keys(from) as (keyof Names)[]).map((part) => [String(from[part]), String(to[part])]);
}

/**
 * The linear layers behind the embeddings and before the classifier, grouped by those that share one input and are computed as
 * one product. The last encoder layer has its query apart: only [CLS] asks there.
 */
export function linearGroups(config: BertConfig): readonly (readonly string[])[] {
  const groups: string[][] = [];
  for (let layer = 0; layer < config.layerCount; layer++) {
    const names = encoderLayerNames(layer);
    if (layer < config.layerCount - 1) groups.push([names.query, names.key, names.value]);
    else groups.push([names.query], [names.key, names.value]);
    groups.push([names.attentionOutput], [names.intermediate], [names.output]);
  }
  groups.push([bertNames.pooler]);
  return groups;
}
