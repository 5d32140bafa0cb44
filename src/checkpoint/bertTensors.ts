import type { BertConfig } from './bertConfig.ts';

/** Names of the parts of encoder layer `layer` (0-based), up to `.weight` and `.bias`, as Hugging Face spells them. */
export function encoderLayerNames(layer: number) {
  const prefix = `bert.encoder.layer.${layer}`;
  return {
    query: `${prefix}.attention.self.query`,
    key: `${prefix}.attention.self.key`,
    value: `${prefix}.attention.self.value`,
    attentionOutput: `${prefix}.attention.output.dense`,
    attentionNorm: `${prefix}.attention.output.LayerNorm`,
    intermediate: `${prefix}.intermediate.dense`,
    output: `${prefix}.output.dense`,
    outputNorm: `${prefix}.output.LayerNorm`,
  } as const;
}

/** Names outside of the layers: tables and norms of the embeddings, the pooler and the classification head. */
export const bertNames = {
  wordEmbeddings: 'bert.embeddings.word_embeddings.weight',
  positionEmbeddings: 'bert.embeddings.position_embeddings.weight',
  tokenTypeEmbeddings: 'bert.embeddings.token_type_embeddings.weight',
  embeddingNorm: 'bert.embeddings.LayerNorm',
  pooler: 'bert.pooler.dense',
  classifier: 'classifier',
} as const;

/**
 * The shape of every tensor of `BertForSequenceClassification`, by canonical name, in the order of the forward pass.
 * A weight of a linear layer is [outputs, inputs].
 */
export function bertTensorShapes(config: BertConfig): ReadonlyMap<string, readonly number[]> {
  const { hiddenSize: hidden, intermediateSize: intermediate } = config;
  const shapes = new Map<string, readonly number[]>();
  const linear = (name: string, outputs: number, inputs: number) => {
    shapes.set(`${name}.weight`, [outputs, inputs]).set(`${name}.bias`, [outputs]);
  };
  const norm = (name: string) => {
    shapes.set(`${name}.weight`, [hidden]).set(`${name}.bias`, [hidden]);
  };
  shapes.set(bertNames.wordEmbeddings, [config.vocabSize, hidden]);
  shapes.set(bertNames.positionEmbeddings, [config.maxPositions, hidden]);
  shapes.set(bertNames.tokenTypeEmbeddings, [config.typeVocabSize, hidden]);
  norm(bertNames.embeddingNorm);
  for (let layer = 0; layer < config.layerCount; layer++) {
    const names = encoderLayerNames(layer);
    linear(names.query, hidden, hidden);
    linear(names.key, hidden, hidden);
    linear(names.value, hidden, hidden);
    linear(names.attentionOutput, hidden, hidden);
    norm(names.attentionNorm);
    linear(names.intermediate, intermediate, hidden);
    linear(names.output, hidden, intermediate);
    norm(names.outputNorm);
  }
  linear(bertNames.pooler, hidden, hidden);
  linear(bertNames.classifier, config.labels.length, hidden);
  return shapes;
}

/**
 * The linear layers before the classifier, grouped by those that share one input and are computed as one product. The last
 * encoder layer has its query apart: only [CLS] asks there.
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
