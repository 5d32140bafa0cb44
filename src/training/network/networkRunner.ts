import type { NetworkInput } from './batchInputs.ts';
import type { DropoutMasks } from './dropoutMasks.ts';
import type { InputName } from './operators.ts';

/** What a step computed; good until the next call. */
export interface StepOutputs {
  readonly loss: number;
  /** [B, labels], row-major. */
  readonly logits: Float32Array;
  /** Of all gradients but those of the tables of embeddings. */
  readonly sumOfSquares: number;
  /** [T, embedding size], where the tables of embeddings are trained. */
  readonly embeddingGradient?: Float32Array;
  /** The gradient of a weight, in its shape. To be asked for once each. */
  gradient(weight: string): Float32Array;
}

/**
 * Computes a network, with weights that it reads anew from their arrays in every call: whoever trains changes them in place.
 * Calls are not to overlap.
 */
export interface NetworkRunner {
  /** Loss and gradients. @throws UserError TRAINING_FAILED */
  step(inputs: ReadonlyMap<InputName, NetworkInput>, masks: DropoutMasks): Promise<StepOutputs>;
  /** [B, labels], row-major, without dropout. @throws UserError TRAINING_FAILED */
  predict(inputs: ReadonlyMap<InputName, NetworkInput>): Promise<Float32Array>;
  dispose(): Promise<void>;
}
