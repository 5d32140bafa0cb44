import { type Prediction, toPrediction } from '../core/review/prediction.ts';
import type { InferenceBackend, ModelSettings } from '../inference/backend.ts';
import { PredictionPump } from '../inference/predictionPump.ts';
import type { PredictionStore, StoredResult } from '../inference/predictionStore.ts';
import type { ModelDescription } from '../models/describeModel.ts';

/** The model in use: what it is, what it has said so far, and the pump that has it say more. */
export class ActiveModel {
  readonly labelSet: ReadonlySet<string>;
  readonly pump: PredictionPump;
  readonly #predictions = new WeakMap<StoredResult, Prediction>();

  constructor(
    readonly description: ModelDescription,
    readonly settings: ModelSettings,
    backend: InferenceBackend,
    readonly store: PredictionStore,
    onError: (error: unknown) => void,
    onFlushError: (error: unknown) => void,
  ) {
    this.labelSet = new Set(description.config.labels);
    this.pump = new PredictionPump(backend, store, onError, onFlushError);
  }

  get labels(): readonly string[] {
    return this.description.config.labels;
  }

  /** @param textHash SHA-256 of the narrative, hexadecimal */
  prediction(textHash: string): Prediction | undefined {
    const result = this.store.get(textHash);
    if (result === undefined) return undefined;
    let prediction = this.#predictions.get(result);
    if (prediction === undefined) {
      prediction = toPrediction(result.logits, this.labels, result.truncated);
      this.#predictions.set(result, prediction);
    }
    return prediction;
  }
}
