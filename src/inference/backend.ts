import type { Precision } from '../models/derivedModel.ts';

/** What the model said of one of the texts of a call. */
export interface TextResult {
  /** Position in the `texts` of the call. */
  readonly index: number;
  /** [labels], before softmax. */
  readonly logits: Float32Array;
  /** True when the text was longer than the model's maximum length. */
  readonly truncated: boolean;
  /** Tokens the model read, [CLS] and [SEP] included. */
  readonly tokenCount: number;
}

export interface PredictOptions {
  readonly signal?: AbortSignal;
  /** Called as batches are done, in no particular order of texts; each text comes exactly once. */
  readonly onResults: (results: readonly TextResult[]) => void;
}

/**
 * Where predictions come from. The editor and the command line know only this interface, so that a child process, this
 * process or a remote endpoint can stand behind it.
 */
export interface InferenceBackend {
  /** Gets the model ready; `predict` does so itself where it was not called. */
  start(signal?: AbortSignal): Promise<void>;
  /**
   * Resolves when every text has its result.
   * @throws UserError CANCELLED once the signal is aborted (between batches), or why it could not be done
   */
  predict(texts: readonly string[], options: PredictOptions): Promise<void>;
  dispose(): Promise<void>;
}

/** What a backend needs to know to load a model. */
export interface ModelSettings {
  readonly modelDirectory: string;
  /** `ModelDescription.hash` of that directory: what is derived from the model is kept under it. */
  readonly modelHash: string;
  /** `ModelDescription.stamp` of that directory: a model that changed on disk since is not run under the old hash. */
  readonly modelStamp: string;
  /** Where ONNX files derived from the model are kept; may be deleted at any time. */
  readonly cacheDirectory: string;
  readonly precision: Precision;
  /** Most tokens read of a text, special tokens included. */
  readonly maxLength: number;
  /** Threads of one matrix product. */
  readonly threads: number;
}
