/** The encoders that one graph serves: they differ from BERT in names, in the head and in little else. */
export type Architecture = 'bert' | 'distilbert' | 'electra' | 'roberta';

/** Activation between the two layers of a classification head; `gelu` with erf. */
export type HeadActivation = 'tanh' | 'gelu' | 'relu';

/** What the parts of an encoder layer are called; all but the norms are linear layers. */
export interface LayerNames {
  readonly query: string;
  readonly key: string;
  readonly value: string;
  readonly attentionOutput: string;
  readonly attentionNorm: string;
  readonly intermediate: string;
  readonly output: string;
  readonly outputNorm: string;
}

/** What the parts outside of the layers are called: tables and norm of the embeddings, and the classification head. */
export interface OuterNames {
  readonly wordEmbeddings: string;
  readonly positionEmbeddings: string;
  readonly tokenTypeEmbeddings: string;
  readonly embeddingNorm: string;
  /** The linear layer from the width of the embeddings to that of the layers. */
  readonly embeddingProjection: string;
  /** The first linear layer of the head. */
  readonly pooler: string;
  /** The last one, which gives the logits. */
  readonly classifier: string;
}

/** How transformers spells an architecture. Source: modeling_bert.py, _distilbert.py, _electra.py and _roberta.py */
export interface ArchitectureSpelling {
  /** The name that people know it by. */
  readonly title: string;
  /** Its class for sequence classification, as config.json names it. */
  readonly className: string;
  /** What the names of the encoder's tensors begin with; a bare encoder leaves it out. */
  readonly prefix: string;
  readonly headActivation: HeadActivation;
  readonly outer: OuterNames;
  /** @param layer 0-based */
  layer(layer: number): LayerNames;
}

function outerNames(encoder: string, pooler: string, classifier: string): OuterNames {
  return {
    wordEmbeddings: `${encoder}.embeddings.word_embeddings`,
    positionEmbeddings: `${encoder}.embeddings.position_embeddings`,
    tokenTypeEmbeddings: `${encoder}.embeddings.token_type_embeddings`,
    embeddingNorm: `${encoder}.embeddings.LayerNorm`,
    embeddingProjection: `${encoder}.embeddings_project`,
    pooler,
    classifier,
  };
}

function bertLayerNames(encoder: string, layer: number): LayerNames {
  const prefix = `${encoder}.encoder.layer.${layer}`;
  return {
    query: `${prefix}.attention.self.query`,
    key: `${prefix}.attention.self.key`,
    value: `${prefix}.attention.self.value`,
    attentionOutput: `${prefix}.attention.output.dense`,
    attentionNorm: `${prefix}.attention.output.LayerNorm`,
    intermediate: `${prefix}.intermediate.dense`,
    output: `${prefix}.output.dense`,
    outputNorm: `${prefix}.output.LayerNorm`,
  };
}

function distilbertLayerNames(layer: number): LayerNames {
  const prefix = `distilbert.transformer.layer.${layer}`;
  return {
    query: `${prefix}.attention.q_lin`,
    key: `${prefix}.attention.k_lin`,
    value: `${prefix}.attention.v_lin`,
    attentionOutput: `${prefix}.attention.out_lin`,
    attentionNorm: `${prefix}.sa_layer_norm`,
    intermediate: `${prefix}.ffn.lin1`,
    output: `${prefix}.ffn.lin2`,
    outputNorm: `${prefix}.output_layer_norm`,
  };
}

/** Every architecture that Caselight runs. */
export const architectures: Readonly<Record<Architecture, ArchitectureSpelling>> = {
  bert: {
    title: 'BERT',
    className: 'BertForSequenceClassification',
    prefix: 'bert.',
    headActivation: 'tanh',
    outer: outerNames('bert', 'bert.pooler.dense', 'classifier'),
    layer: (layer) => bertLayerNames('bert', layer),
  },
  distilbert: {
    title: 'DistilBERT',
    className: 'DistilBertForSequenceClassification',
    prefix: 'distilbert.',
    headActivation: 'relu',
    outer: outerNames('distilbert', 'pre_classifier', 'classifier'),
    layer: distilbertLayerNames,
  },
  electra: {
    title: 'ELECTRA',
    className: 'ElectraForSequenceClassification',
    prefix: 'electra.',
    headActivation: 'gelu',
    outer: outerNames('electra', 'classifier.dense', 'classifier.out_proj'),
    layer: (layer) => bertLayerNames('electra', layer),
  },
  roberta: {
    title: 'RoBERTa',
    className: 'RobertaForSequenceClassification',
    prefix: 'roberta.',
    headActivation: 'tanh',
    outer: outerNames('roberta', 'classifier.dense', 'classifier.out_proj'),
    layer: (layer) => bertLayerNames('roberta', layer),
  },
};

/** Whether `modelType`, as config.json gives it, is one of them. */
export function isArchitecture(modelType: string): modelType is Architecture {
  return Object.hasOwn(architectures, modelType);
}
