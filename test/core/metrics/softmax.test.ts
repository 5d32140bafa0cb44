import { describe, expect, it } from 'vitest';
import { argMax, softmax } from '../../../src/core/metrics/softmax.ts';
import { readOracle } from './oracle.ts';

const { softmaxes } = readOracle();

describe('softmax', () => {
  it.each(softmaxes.map((each) => [each.name, each] as const))('agrees with SciPy on %s', (_, oracle) => {
    let loss = 0;
    for (const [row, logits] of oracle.logits.entries()) {
      const found = softmax(logits);
      const expected = oracle.probabilities[row] ?? [];
      expect(found).toHaveLength(expected.length);
      for (const [i, value] of expected.entries()) expect(found[i]).toBeCloseTo(value, 12);
      expect(found.reduce((sum, value) => sum + value)).toBeCloseTo(1, 12);
      loss -= Math.log(found[oracle.actual[row] ?? -1] ?? Number.NaN) / oracle.logits.length;
    }
    expect(loss).toBeCloseTo(oracle.logLoss, 10);
  });

  it('gives the same for single precision and for a list of the same values', () => {
    const logits = Float32Array.of(0.5, -1.25, 3);
    expect(softmax(logits)).toEqual(softmax([...logits]));
  });

  it('is certain of the only class', () => {
    expect([...softmax([-3])]).toEqual([1]);
  });
});

describe('argMax', () => {
  it.each([
    [[], -1],
    [[5], 0],
    [[1, 3, 2], 1],
    [[2, 2, 1], 0],
    [[-3, -1, -2], 1],
    [[0, -0], 0],
    [[-Infinity, 0], 1],
  ])('of %o is %i', (values, expected) => {
    expect(argMax(values)).toBe(expected);
  });
});
