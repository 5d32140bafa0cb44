import { describe, expect, it } from 'vitest';
import { isBetter, stopsEarly } from '../../../src/core/training/bestEpoch.ts';

describe('the best epoch', () => {
  it.each<[string, [number, number], [number, number] | undefined, boolean]>([
    ['the first', [0.1, 3], undefined, true],
    ['a higher macro-F1, whatever the loss', [0.6, 9], [0.5, 1], true],
    ['a lower macro-F1', [0.4, 0.1], [0.5, 1], false],
    ['the same with a lower loss', [0.5, 0.9], [0.5, 1], true],
    ['the same in all', [0.5, 1], [0.5, 1], false],
  ])('is %s', (_, [macroF1, loss], best, expected) => {
    expect(isBetter({ macroF1, loss }, best && { macroF1: best[0], loss: best[1] })).toBe(expected);
  });

  it.each([
    [3, 4, 2, false],
    [3, 5, 2, true],
    [3, 50, undefined, false],
  ])('with the best at %i, after %i and patience %s stops: %s', (best, epoch, patience, expected) => {
    expect(stopsEarly(best, epoch, patience)).toBe(expected);
  });
});
