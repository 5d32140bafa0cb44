import { describe, expect, it } from 'vitest';
import { estimateSeconds, roughTime } from '../../../src/core/training/timeEstimate.ts';

const size = { layerCount: 6, trainRecords: 520, validationRecords: 130, meanTokens: 60 };

describe('estimateSeconds', () => {
  it('takes less for less that is trained', () => {
    const [head, quick, thorough] = (['head', 'last-2', 'full'] as const).map((scope) =>
      estimateSeconds({ scope, epochs: 5 }, size, 1e-3),
    ) as [number, number, number];
    expect(head).toBeLessThan(quick);
    expect(quick).toBeLessThan(thorough);
    // All layers: five times every token forward and backward, and the held-out ones forward.
    expect(thorough).toBeCloseTo(4 + 1e-3 * 60 * 5 * (520 + 130 / 3), 6);
  });

  it('grows with records, length and epochs', () => {
    const seconds = (change: object, epochs = 5) =>
      estimateSeconds({ scope: 'full', epochs }, { ...size, ...change }, 1e-3);
    expect(seconds({ trainRecords: 1_040 })).toBeGreaterThan(seconds({}));
    expect(seconds({ meanTokens: 120 })).toBeGreaterThan(seconds({}));
    expect(seconds({}, 10)).toBeGreaterThan(seconds({}));
  });
});

describe('roughTime', () => {
  it.each([
    [0, '5 s'],
    [8, '10 s'],
    [96, '95 s'],
    [130, '2 min'],
    [3_000, '50 min'],
    [7_200, '2.0 h'],
  ])('says %i seconds as %s', (seconds, expected) => {
    expect(roughTime(seconds)).toBe(expected);
  });
});
