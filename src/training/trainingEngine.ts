import type { BertConfig } from '../checkpoint/bertConfig.ts';
import type { TrainingRecipe, TrainingScope } from '../core/training/trainingRecipe.ts';

export type EngineName = 'tensorflow' | 'onnxruntime';

/** Texts that one step learns from. T tokens of B texts, H hidden size. */
export interface TrainingBatch extends EncodedBatch {
  /** [B] ids of the actual classes. */
  readonly labels: Int32Array;
  /** [B] share of each text in the loss, which is the sum of share times cross-entropy; 1 / B each where all count alike. */
  readonly shares: Float32Array;
}

/** Texts as the trained part of the model reads them. */
export interface EncodedBatch {
  /** Token ids of each text, [CLS] first. Where a part is frozen only their lengths count. */
  readonly sequences: readonly Int32Array[];
  /**
   * What the frozen part makes of them; absent when `scope` is `full`. `last-N`: [T, H], the input of the first trained layer, the
   * texts one after another. `head`: [B, H], the last layer's output at [CLS].
   */
  readonly frozen?: Float32Array;
}

/** What a step found, before it changed the weights. */
export interface StepResult {
  readonly loss: number;
  /** Global L2 norm of the gradients, before clipping. */
  readonly gradientNorm: number;
  /** [B, labels], row-major, with dropout. */
  readonly logits: Float32Array;
}

/** How to change the weights in one step. */
export interface StepSettings {
  readonly learningRate: number;
  /** The masks of dropout follow from it alone: a run that is resumed draws what it would have drawn. */
  readonly dropoutSeed: number;
}

/** The optimizer's memory of one trained tensor, in the tensor's shape: running means of gradient and squared gradient. */
export interface Moments {
  readonly first: Float32Array;
  readonly second: Float32Array;
}

/** A model under training. Calls are not to overlap. Tensors go by the names of `bertTensorShapes`. */
export interface TrainingSession {
  /** Names of the trained tensors, in the order of the forward pass. */
  readonly trained: readonly string[];
  /** Elements of a trained tensor. */
  size(name: string): number;
  /** Forward, backward, clipping and one step of the optimizer. */
  step(batch: TrainingBatch, settings: StepSettings): Promise<StepResult>;
  /** [B, labels], row-major, without dropout. */
  predict(batch: EncodedBatch): Promise<Float32Array>;
  /** A copy of a trained tensor as it is now. */
  weights(name: string): Promise<Float32Array>;
  /** A copy of the optimizer's memory of a trained tensor. */
  moments(name: string): Promise<Moments>;
  /** Puts a checkpoint back: a trained tensor and what the optimizer remembers of it. */
  restore(name: string, weights: Float32Array, moments: Moments): Promise<void>;
  /** Steps taken so far, which the optimizer's bias correction follows from. To be set after `restore`. */
  stepCount: number;
  /** Frees the memory. */
  dispose(): Promise<void>;
}

/** What a session starts from. */
export interface SessionOptions {
  readonly config: BertConfig;
  /** The tensors of the model by the names of `bertTensorShapes`, row-major, each read once; the session may keep the array. */
  readonly readWeights: (name: string) => Promise<Float32Array>;
  readonly scope: TrainingScope;
  readonly optimizer: Pick<TrainingRecipe, 'optimizer' | 'weightDecay' | 'clipNorm'>;
  /** Of attention probabilities, of what the sublayers and embeddings give, and of the pooled output; 0 for none. */
  readonly dropout: number;
  /** Processor threads, at least 1. */
  readonly threads: number;
}

/** A way to compute gradients. Same options, same batches, same settings and threads: the same weights, bit for bit. */
export interface TrainingEngine {
  readonly name: EngineName;
  /** Name to version of what computes, for the manifest. */
  readonly versions: Readonly<Record<string, string>>;
  /** @throws UserError OUT_OF_MEMORY, TRAINING_FAILED */
  open(options: SessionOptions): Promise<TrainingSession>;
}

/** Adam's constants, as Keras and PyTorch have them but for Keras's epsilon of 1e-7. */
export const adamConstants = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;
