/** How a contestant is to be run; each is measured in a process of its own, so that load time and memory are its alone. */
export interface ContestantSettings {
  readonly library: 'caselight' | 'transformers.js';
  /** `int8` is what transformers.js calls q8. */
  readonly precision: 'fp32' | 'int8';
  /** A model directory of Caselight, or an export of `exportOnnx.py`. */
  readonly modelDirectory: string;
  readonly threads: number;
  readonly maxLength: number;
  readonly texts: readonly string[];
}

/**
 * What is done with the texts: one after the other, all at once as Caselight batches them itself, or `size` at a time as a
 * caller of transformers.js would, in the order of the file or from the longest text to the shortest.
 */
export type Mode = 'single' | 'batched' | { readonly size: number; readonly sorted: boolean };

export type Request =
  | ({ readonly type: 'load' } & ContestantSettings)
  /** Classifies all texts. */
  | { readonly type: 'classify'; readonly mode: Mode }
  /** Classifies all texts one by one and tells their logits. */
  | { readonly type: 'logits' };

/** One answer to each request, in their order: logits are of one text each. */
export type Answer =
  | { readonly type: 'done'; readonly logits?: readonly Float32Array[] }
  | { readonly type: 'failed'; readonly message: string };

/** What a process does for its requests; made from `ContestantSettings`. */
export interface Classifier {
  classify(mode: Mode): Promise<void>;
  logits(): Promise<readonly Float32Array[]>;
}
