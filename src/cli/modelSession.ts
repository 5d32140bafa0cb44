import { join } from 'node:path';
import { type Prediction, toPrediction } from '../core/review/prediction.ts';
import type { InferenceBackend, ModelSettings } from '../inference/backend.ts';
import { LocalBackend } from '../inference/localBackend.ts';
import { describeModel, type ModelDescription } from '../models/describeModel.ts';
import { cacheDirectory } from './cacheDirectory.ts';
import type { CommandOptions } from './options.ts';

/** A prediction with the figures it comes from. */
export interface DetailedPrediction extends Prediction {
  readonly logits: Float32Array;
  readonly tokenCount: number;
}

/** The model of a command, loaded on first use. */
export class ModelSession {
  private constructor(
    readonly model: ModelDescription,
    readonly settings: ModelSettings,
    readonly backend: InferenceBackend,
  ) {}

  static async open(options: CommandOptions, onProgress: (message: string) => void): Promise<ModelSession> {
    const model = await describeModel(options.model);
    const { maxLength, precision, threads } = options;
    const settings: ModelSettings = {
      modelDirectory: model.directory,
      modelHash: model.hash,
      modelStamp: model.stamp,
      cacheDirectory: join(cacheDirectory(), 'derived'),
      precision,
      maxLength,
      threads,
    };
    return new ModelSession(model, settings, new LocalBackend(settings, onProgress));
  }

  get labels(): readonly string[] {
    return this.model.config.labels;
  }

  /** Loads the model. @throws UserError for whatever is wrong with it */
  async start(signal: AbortSignal): Promise<void> {
    await this.backend.start(signal);
  }

  /** Predictions of texts, in their order. */
  async predict(texts: readonly string[], signal: AbortSignal): Promise<DetailedPrediction[]> {
    const predictions = new Array<DetailedPrediction>(texts.length);
    await this.backend.predict(texts, {
      signal,
      onResults: (results) => {
        for (const { index, logits, truncated, tokenCount } of results) {
          predictions[index] = { ...toPrediction(logits, this.labels, truncated), logits, tokenCount };
        }
      },
    });
    return predictions;
  }
}
