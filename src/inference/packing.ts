/** Tokens of one batch, padding included: 256 to 2,048 are equally fast, and fewer cost less memory and time to cancel. */
export const defaultMaxTokens = 512;

/** The inputs of the graph of `buildBertGraph` for one batch of B sequences, T tokens in all, the longest of S. */
export interface PackedInputs {
  /** [T] */
  readonly inputIds: Int32Array;
  /** [T] */
  readonly positionIds: Int32Array;
  /** [B, S]: index into [T]; places after the end of a sequence repeat its first token, which attention then masks. */
  readonly padIndex: Int32Array;
  /** [T]: index into [B * S]. */
  readonly unpadIndex: Int32Array;
  /** [B] */
  readonly lengths: Int32Array;
  /** [B]: index of the first token of each sequence in [T]. */
  readonly clsIndex: Int32Array;
  /** S */
  readonly maxLength: number;
}

/**
 * Groups sequences into batches of similar length, so that little is computed for padding: batch size times longest length
 * stays within `maxTokens`, unless one sequence alone is longer. Each index of `lengths` is in one batch, longest first;
 * equal lengths keep their order.
 */
export function packBatches(lengths: readonly number[], options: { maxTokens?: number } = {}): number[][] {
  const maxTokens = options.maxTokens ?? defaultMaxTokens;
  const lengthOf = (index: number) => lengths[index] ?? 0;
  const longestFirst = [...lengths.keys()].sort((a, b) => lengthOf(b) - lengthOf(a));
  const batches: number[][] = [];
  let batch: number[] = [];
  let capacity = 0;
  for (const index of longestFirst) {
    if (batch.length === capacity) {
      batch = [];
      batches.push(batch);
      capacity = Math.max(1, Math.floor(maxTokens / Math.max(1, lengthOf(index))));
    }
    batch.push(index);
  }
  return batches;
}

/**
 * Lays sequences of token ids one after the other.
 * @param sequences at least one, none of them empty: a sequence begins with [CLS]
 */
export function packInputs(sequences: readonly (Int32Array | readonly number[])[]): PackedInputs {
  const lengths = Int32Array.from(sequences, (sequence) => sequence.length);
  if (lengths.length === 0 || lengths.includes(0)) {
    throw new Error(
      `Cannot pack ${lengths.length} sequences of which ${lengths.filter((n) => n === 0).length} are empty`,
    );
  }
  const maxLength = lengths.reduce((longest, length) => Math.max(longest, length));
  const tokenCount = lengths.reduce((sum, length) => sum + length);
  const packed: PackedInputs = {
    inputIds: new Int32Array(tokenCount),
    positionIds: new Int32Array(tokenCount),
    padIndex: new Int32Array(lengths.length * maxLength),
    unpadIndex: new Int32Array(tokenCount),
    lengths,
    clsIndex: new Int32Array(lengths.length),
    maxLength,
  };
  let start = 0;
  for (const [row, sequence] of sequences.entries()) {
    packed.inputIds.set(sequence, start);
    packed.clsIndex[row] = start;
    packed.padIndex.fill(start, row * maxLength, (row + 1) * maxLength);
    for (let position = 0; position < sequence.length; position++) {
      packed.positionIds[start + position] = position;
      packed.padIndex[row * maxLength + position] = start + position;
      packed.unpadIndex[start + position] = row * maxLength + position;
    }
    start += sequence.length;
  }
  return packed;
}
