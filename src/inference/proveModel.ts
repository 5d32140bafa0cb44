import type { Precision } from '../models/derivedModel.ts';
import { describeModel } from '../models/describeModel.ts';
import { LocalBackend } from './localBackend.ts';

/** How to run the model once. */
export interface ProofOptions {
  /** Where ONNX files derived from models are kept: what is derived for the proof serves the first use too. */
  readonly cacheDirectory: string;
  readonly threads: number;
  /** Default `fp32`. */
  readonly precision?: Precision;
  readonly signal?: AbortSignal;
  readonly onProgress?: (message: string) => void;
}

const SENTENCE = 'The patient had fever and a sore arm, and recovered the next day.';

/**
 * Loads a model directory and predicts one sentence in this process.
 * @throws UserError for whatever is wrong with it; INFERENCE_FAILED where it does not give a finite number for each label
 */
export async function proveModel(
  directory: string,
  { cacheDirectory, threads, precision = 'fp32', signal, onProgress }: ProofOptions,
): Promise<void> {
  const model = await describeModel(directory);
  const backend = new LocalBackend(
    {
      modelDirectory: model.directory,
      modelHash: model.hash,
      modelStamp: model.stamp,
      cacheDirectory,
      precision,
      maxLength: 256,
      threads,
    },
    onProgress,
  );
  try {
    await backend.predict([SENTENCE], { ...(signal && { signal }), onResults: () => {} });
  } finally {
    await backend.dispose();
  }
}
