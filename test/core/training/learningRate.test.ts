import { describe, expect, it } from 'vitest';
import { learningRateAt } from '../../../src/core/training/learningRate.ts';

describe('learningRateAt', () => {
  const rates = (warmUpShare: number, decay: 'none' | 'linear', steps = 10) =>
    Array.from({ length: steps }, (_, step) => learningRateAt({ learningRate: 1, warmUpShare, decay }, step, steps));

  it('stays where there is neither warm-up nor decay, as in the notebook', () => {
    expect(rates(0, 'none')).toEqual(new Array(10).fill(1));
  });

  it('rises over the warm-up and falls to 0 behind the last step', () => {
    const [first = 0, ...rest] = rates(0.2, 'linear');
    expect(first).toBeCloseTo(1 / 3);
    expect(rest[1]).toBe(1);
    expect(rest.at(-1)).toBeCloseTo(1 / 8);
    expect(rest.slice(1)).toEqual([...rest.slice(1)].sort((a, b) => b - a));
  });

  it.each([1, 2, 3, 100])('never is 0 or more than what was asked for, in a run of %i steps', (steps) => {
    for (const rate of rates(0.1, 'linear', steps)) {
      expect(rate).toBeGreaterThan(0);
      expect(rate).toBeLessThanOrEqual(1);
    }
  });
});
