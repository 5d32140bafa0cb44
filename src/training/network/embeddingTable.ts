import type { Moments } from '../trainingEngine.ts';
import { type AdamStep, applyAdam } from './adam.ts';

/**
 * A table of embeddings under Adam. A batch reads few of its rows, and a row that no batch has read has no gradient and no
 * moments: only weight decay changes it, which is made up for when it is first read. From then on it moves in every step, as
 * it would if the whole table had a gradient.
 */
export class EmbeddingTable {
  /** Rows that were read, in the order in which they were first. */
  private readonly live: number[] = [];
  private readonly isLive: Uint8Array;
  private readonly zeros: Float32Array;
  /** What weight decay has left so far of a row that was never read. */
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

  /** To be called with the rows that a batch is about to read. */
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

  /** The weights as they are now, all rows made up for. */
  current(): Float32Array {
    const current = this.weights.slice();
    if (this.left === 1) return current;
    for (let row = 0; row < this.isLive.length; row++) {
      if (this.isLive[row] !== 1) scale(current, row * this.width, (row + 1) * this.width, this.left);
    }
    return current;
  }

  /** Takes weights and moments of a checkpoint: rows with moments are those that were read. */
  restore(weights: Float32Array, moments: Moments): void {
    this.weights.set(weights);
    this.moments.first.set(moments.first);
    this.moments.second.set(moments.second);
    this.left = 1;
    this.live.length = 0;
    this.isLive.fill(0);
    for (let row = 0; row < this.isLive.length; row++) {
      const range = [row * this.width, (row + 1) * this.width] as const;
      if (moments.second.subarray(...range).some((v) => v !== 0)) this.touch([row]);
    }
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
