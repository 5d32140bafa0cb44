import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comparePrecision } from '../../../src/core/metrics/precisionComparison.ts';

const labels = ['a', 'b', 'c'];
const logits = (...rows: number[][]) => rows.map((row) => Float32Array.from(row));
/** `flips` texts of `count` change from a to b. */
const compareFlips = (flips: number, count: number) => {
  const exact = Array.from({ length: count }, () => Float32Array.of(1, 0.5, 0));
  const other = exact.map((row, i) => (i < flips ? Float32Array.of(1, 1.5, 0) : row));
  return comparePrecision(exact, other, labels);
};

describe('comparePrecision', () => {
  it('finds what changed', () => {
    const exact = logits([3, 1, 0], [0, 1, 0.96875], [0, 0.25, 0.5], [0, 0.5, 0.25], [2, 0, 0]);
    const lower = logits([2.5, 1, 0], [0, 1, 1.25], [0, 0.5, 0.25], [0, 0.25, 0.5], [2, 0, 0]);
    expect(comparePrecision(exact, lower, labels)).toMatchObject({
      count: 5,
      flips: [1, 2, 3],
      flipShare: 0.6,
      labelFlips: [
        { from: 'b', to: 'c', count: 2 },
        { from: 'c', to: 'b', count: 1 },
      ],
      largestDifference: 0.5,
      meanDifference: (0.5 + 0.28125 + 0.25 * 4) / 15,
      margins: [
        { from: 0, count: 1, flips: 1 },
        { from: 0.05, count: 0, flips: 0 },
        { from: 0.1, count: 0, flips: 0 },
        { from: 0.2, count: 2, flips: 2 },
        { from: 0.5, count: 0, flips: 0 },
        { from: 1, count: 2, flips: 0 },
      ],
      suggestsFullPrecision: true,
    });
  });

  it.each([
    [0, 200, false],
    [1, 200, false],
    [2, 200, true],
    [10, 2_000, false],
    [11, 2_000, true],
  ])('with %i flips of %i says whether to use fp32: %s', (flips, count, expected) => {
    expect(compareFlips(flips, count).suggestsFullPrecision).toBe(expected);
  });

  // One-sided Wilson bounds, 95 %: scipy.stats.binomtest(k, n).proportion_ci(0.9, 'wilson').high.
  it.each([
    [0, 200, 0.013347161],
    [0, 2_000, 0.001350944],
    [3, 2_000, 0.003747265],
    [10, 2_000, 0.008346054],
    [1, 1, 1],
  ])('bounds %i flips of %i by %d', (flips, count, bound) => {
    expect(compareFlips(flips, count).flipShareUpperBound).toBeCloseTo(bound, 6);
  });

  it('finds nothing among no texts', () => {
    expect(comparePrecision([], [], labels)).toMatchObject({
      count: 0,
      flips: [],
      flipShare: 0,
      flipShareUpperBound: 1,
      largestDifference: 0,
      meanDifference: 0,
      suggestsFullPrecision: false,
    });
  });

  it('never finds a flip where the logits differ by less than half of the margin', () => {
    const row = fc.array(fc.float({ min: -5, max: 5, noNaN: true }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(fc.array(fc.tuple(row, row), { maxLength: 20 }), (pairs) => {
        const exact = logits(...pairs.map(([a]) => a));
        const lower = logits(...pairs.map(([a, b]) => a.map((value, i) => value + (b[i] ?? 0) / 10)));
        const { flips, margins, count } = comparePrecision(exact, lower, labels);
        for (const index of flips) {
          const [best = 0, next = 0] = [...(exact[index] ?? [])].sort((a, b) => b - a);
          const difference = Math.max(...(exact[index] ?? []).map((v, i) => Math.abs(v - (lower[index]?.[i] ?? 0))));
          expect(difference * 2).toBeGreaterThanOrEqual((best - next) * (1 - 1e-6));
        }
        expect(margins.reduce((sum, band) => sum + band.count, 0)).toBe(count);
        expect(margins.reduce((sum, band) => sum + band.flips, 0)).toBe(flips.length);
      }),
    );
  });

  it('tells labels of the same name apart', () => {
    expect(comparePrecision(logits([1, 0]), logits([0, 1]), ['x', 'x']).flips).toEqual([0]);
  });

  it.each([
    ['texts', logits([1, 0, 0]), logits()],
    ['labels', logits([1, 0, 0]), logits([1, 0])],
  ])('takes a different number of %s for a mistake of the program', (_, a, b) => {
    expect(() => comparePrecision(a, b, labels)).toThrow();
  });
});
