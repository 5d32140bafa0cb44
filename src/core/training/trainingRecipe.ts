/** What is trained: everything, the last N encoder layers and the head (pooler and classifier), or the head alone. */
export type TrainingScope = 'full' | `last-${number}` | 'head';

/** How a model is fine-tuned. Everything that decides the outcome beside the data and the model it starts from. */
export interface TrainingRecipe {
  readonly scope: TrainingScope;
  /** At least 1. */
  readonly epochs: number;
  /** Texts a step, at least 1. */
  readonly batchSize: number;
  /** Most tokens read of a text, special tokens included. */
  readonly maxLength: number;
  /** The highest of all steps. */
  readonly learningRate: number;
  /** `adamw` takes `weightDecay` apart from the gradients. Sources: Kingma & Ba 2015; Loshchilov & Hutter 2019. */
  readonly optimizer: 'adam' | 'adamw';
  /** Of weights, not of biases and norms; of use with `adamw` only. */
  readonly weightDecay: number;
  /** The largest global norm of the gradients, which are scaled down to it; undefined: they are taken as they come. */
  readonly clipNorm?: number;
  /** Share of all steps in which the learning rate rises from 0, 0 to 1. */
  readonly warmUpShare: number;
  /** What the learning rate does after that: stays, or falls to 0 in a line. */
  readonly decay: 'none' | 'linear';
  /** Share of values that are dropped, 0 to 1. */
  readonly dropout: number;
  /** `by-length` puts texts of similar lengths into a batch, in an order that is still shuffled. */
  readonly batching: 'shuffled' | 'by-length';
  /** `balanced` weighs each class by the inverse of its share when classes are uneven. */
  readonly classWeights: 'none' | 'balanced';
  /** Which epoch's weights are the result: the last, or that of the best macro-F1 on the validation records. */
  readonly keep: 'last' | 'best';
  /** Epochs without a better one after which training stops early; undefined: it never does. */
  readonly patience?: number;
  /** Share of the records that is held out for validation, 0 to 1. */
  readonly validation: number;
  /** `stratified`: texts by chance, about the share of every class; `in-order`: the last records of the file. */
  readonly split: 'stratified' | 'in-order';
  /** Lowest 32 bits count. Split, order, dropout and a fresh head follow from it. */
  readonly seed: number;
}

/** The recipe of the reference notebook: `model.fit` of Keras with Adam at 5e-5. The default of `caselight train`. */
export const notebookRecipe: TrainingRecipe = {
  scope: 'full',
  epochs: 5,
  batchSize: 8,
  maxLength: 256,
  learningRate: 5e-5,
  optimizer: 'adam',
  weightDecay: 0,
  warmUpShare: 0,
  decay: 'none',
  dropout: 0.1,
  batching: 'shuffled',
  classWeights: 'none',
  keep: 'last',
  validation: 0.2,
  split: 'stratified',
  seed: 42,
};

/** What the editor trains with: what is usual for fine-tuning BERT since (Mosbach et al. 2021), and the best epoch kept. */
export const editorRecipe: TrainingRecipe = {
  ...notebookRecipe,
  optimizer: 'adamw',
  weightDecay: 0.01,
  clipNorm: 1,
  warmUpShare: 0.1,
  decay: 'linear',
  batching: 'by-length',
  classWeights: 'balanced',
  keep: 'best',
  patience: 2,
};

/**
 * The first encoder layer that is trained, 0-based: 0 for `full`, `layerCount` for `head`. The embeddings are trained only with
 * `full`.
 * @returns at least 0 and at most `layerCount`; `last-N` with N of all layers or more is 0, but its embeddings stay
 */
export function firstTrainedLayer(scope: TrainingScope, layerCount: number): number {
  if (scope === 'full') return 0;
  if (scope === 'head') return layerCount;
  return Math.max(0, layerCount - Number(scope.slice('last-'.length)));
}

/** @returns undefined where `text` names no scope */
export function parseTrainingScope(text: string): TrainingScope | undefined {
  return text === 'full' || text === 'head' || /^last-[1-9]\d{0,2}$/.test(text) ? (text as TrainingScope) : undefined;
}

/** The recipe of the editor for a scope: the less is trained, the larger its steps may be. */
export function editorRecipeFor(scope: TrainingScope): TrainingRecipe {
  const learningRate = scope === 'full' ? 5e-5 : scope === 'head' ? 1e-3 : 1e-4;
  return { ...editorRecipe, scope, learningRate };
}
