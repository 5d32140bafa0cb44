import type { Moments } from '../trainingEngine.ts';
import { type AdamStep, applyAdam } from './adam.ts';

/**
 * A table of embeddings under Adam. A batch reads few of its rows, and a row that no batch has read has no gradient and no
 * moments: only weight decay changes it, which is made up for when it is first read. From then on it moves in every step, as
 * it would if the whole table had a gradient.
 *
 * Asking for the weights makes up for all rows, so that what follows is the same, bit for bit, as on a table that takes these
 * weights and moments with `restore`.
 */
export class EmbeddingTable {
  /** Rows that batches have read. */
  private live: number[] = [];
  private readonly isLive: Uint8Array;
  private readonly zeros: Float32Array;
  /** What weight decay has left of the other rows since they were last made up for. */
  private left = 1;

  /** @param weights [rows, width] */
  constructor(
    readonly weights: Float32Array,
    readonly moments: Moments,
    readonly width: number,
  ) {
    this.isLive = new Uint8Array(weights.length / width);
    this.zeros = new Float32Array(width);
  }

  /** To be called with the rows that a batch that is trained on is about to read. */
  touch(rows: Iterable<number>): void {
    for (const row of rows) {
      if (this.isLive[row] === 1) continue;
      this.isLive[row] = 1;
      this.live.push(row);
      const start = row * this.width;
      if (this.left !== 1) scale(this.weights, start, start + this.width, this.left);
    }
  }

  /** One step. @param gradients row to its gradient, of rows that were touched */
  update(gradients: ReadonlyMap<number, Float32Array>, step: AdamStep, keep: number): void {
    for (const row of this.live) {
      applyAdam(this.weights, this.moments, gradients.get(row) ?? this.zeros, row * this.width, step, keep);
    }
    this.left *= keep;
  }

  /**
   * Makes up for rows that are read once without a gradient, and that stay as they are else.
   * @returns puts the table back
   */
  lend(rows: Iterable<number>): () => void {
    const lent = new Map<number, Float32Array>();
    if (this.left !== 1) {
      for (const row of rows) {
        if (this.isLive[row] === 1 || lent.has(row * this.width)) continue;
        const start = row * this.width;
        lent.set(start, this.weights.slice(start, start + this.width));
        scale(this.weights, start, start + this.width, this.left);
      }
    }
    return () => {
      for (const [start, values] of lent) this.weights.set(values, start);
    };
  }

  /** A copy of the weights as they are now, all rows made up for. */
  current(): Float32Array {
    if (this.left !== 1) {
      for (let row = 0; row < this.isLive.length; row++) {
        if (this.isLive[row] !== 1) scale(this.weights, row * this.width, (row + 1) * this.width, this.left);
      }
    }
    this.begin(this.live);
    return this.weights.slice();
  }

  /** Takes weights and moments of a checkpoint. */
  restore(weights: Float32Array, moments: Moments): void {
    this.weights.set(weights);
    this.moments.first.set(moments.first);
    this.moments.second.set(moments.second);
    this.begin([...this.isLive.keys()]);
  }

  /** Every row is made up for: from now on those with moments move in every step. A gradient may have been 0. */
  private begin(rows: readonly number[]): void {
    const { first, second } = this.moments;
    const moves = (row: number) => {
      const [start, end] = [row * this.width, (row + 1) * this.width];
      return [first, second].some((values) => values.subarray(start, end).some((value) => value !== 0));
    };
    this.left = 1;
    this.live = rows.filter(moves);
    this.isLive.fill(0);
    for (const row of this.live) this.isLive[row] = 1;
  }
}

/** Sums the rows of a gradient [tokens, width] that belong to the same row of a table. */
export function gradientsByRow(
  gradient: Float32Array,
  rows: ArrayLike<number>,
  width: number,
): Map<number, Float32Array> {
  const sums = new Map<number, Float32Array>();
  for (let token = 0; token < rows.length; token++) {
    const row = rows[token] as number;
    const start = token * width;
    const sum = sums.get(row);
    if (sum === undefined) sums.set(row, gradient.slice(start, start + width));
    else
      for (let index = 0; index < width; index++)
        sum[index] = (sum[index] as number) + (gradient[start + index] as number);
  }
  return sums;
}

function scale(values: Float32Array, start: number, end: number, factor: number): void {
  for (let index = start; index < end; index++) values[index] = (values[index] as number) * factor;
}
