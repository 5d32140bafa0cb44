import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/seededRandom.ts';
import { adamStep } from '../../../src/training/network/adam.ts';
import { EmbeddingTable } from '../../../src/training/network/embeddingTable.ts';

const ROWS = 12;
const WIDTH = 3;

function tableOf(seed: number): EmbeddingTable {
  const { normal } = seededRandom(seed);
  const zeros = () => new Float32Array(ROWS * WIDTH);
  return new EmbeddingTable(zeros().map(normal), { first: zeros(), second: zeros() }, WIDTH);
}

/** Steps `from` to `to`, each of which reads rows that follow from its number; before each, others are read alone. */
function take(table: EmbeddingTable, from: number, to: number): void {
  for (let step = from; step < to; step++) {
    const { uniform, normal } = seededRandom(step);
    const row = () => Math.floor(ROWS * uniform());
    table.lend([row(), row(), row()])();
    const rows = [row(), row()];
    table.touch(rows);
    // A gradient that is too small for its square, and none at all.
    const size = [1, 1e-30, 0][step % 3] ?? 0;
    const gradients = new Map(rows.map((each) => [each, new Float32Array(WIDTH).map(() => size * normal())]));
    table.update(gradients, adamStep(step + 1, 0.01, 1), 1 - 0.01 * (1 + uniform()));
  }
}

const bits = ({ weights, moments }: EmbeddingTable) =>
  [weights, moments.first, moments.second].map((values) => [...new Uint32Array(values.slice().buffer)]);

describe('a table of embeddings', () => {
  it('goes on from what it gave, to the same bits', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(9), fc.nat(9), fc.nat(5), (seed, before, after, start) => {
        const whole = tableOf(seed);
        take(whole, start, start + before);
        const weights = whole.current();
        const resumed = tableOf(seed + 1);
        take(resumed, 3, 5);
        resumed.restore(weights, whole.moments);
        for (const table of [whole, resumed]) {
          take(table, start + before, start + before + after);
          table.current();
        }
        expect(bits(resumed)).toEqual(bits(whole));
      }),
    );
  });

  it('shows a row that is read alone as weight decay has left it, and is as it was after that', () => {
    const table = tableOf(1);
    table.touch([0]);
    table.update(new Map([[0, new Float32Array(WIDTH).fill(1)]]), adamStep(1, 0.01, 1), 0.5);
    const before = bits(table);
    const original = table.weights.slice(3 * WIDTH, 4 * WIDTH);
    const giveBack = table.lend([3, 0, 3]);
    expect(table.weights.subarray(3 * WIDTH, 4 * WIDTH)).toEqual(original.map((value) => value * 0.5));
    giveBack();
    expect(bits(table)).toEqual(before);
    expect(table.current().subarray(3 * WIDTH, 4 * WIDTH)).toEqual(original.map((value) => value * 0.5));
  });
});
