import { describe, expect, it } from 'vitest';
import { comparePrecision } from '../../../src/core/metrics/precisionComparison.ts';
import type { PrecisionReport } from '../../../src/core/metrics/precisionReport.ts';
import { precisionReportText, precisionSummary } from '../../../src/core/review/precisionReportText.ts';

/** A report in which `flips` of `count` texts change from Serious to D/LT. */
function reportOf(flips: number, count: number): PrecisionReport {
  const exact = Array.from({ length: count }, () => Float32Array.of(0, 0.0625));
  const lower = exact.map((row, i) => (i < flips ? Float32Array.of(0.078125, 0.0625) : row));
  return {
    model: 'm',
    modelHash: '0123456789abcdef',
    recipe: { name: 'r-1', description: 'some in int8' },
    available: 2 * count,
    comparison: comparePrecision(exact, lower, ['D/LT', 'Serious']),
    flippedTexts: [],
    secondsPer100Texts: { fp32: 2.1, int8: 1 },
  };
}

describe('precisionSummary', () => {
  it.each([
    [
      0,
      200,
      'int8 against fp32 on 200 of your narratives: 0 labels differ (0.00 %), largest logit difference 0.00; int8 is 2.1 times as fast.',
    ],
    [
      1,
      200,
      'int8 against fp32 on 200 of your narratives: 1 label differs (0.50 %), largest logit difference 0.08; int8 is 2.1 times as fast.',
    ],
    [
      12,
      2_000,
      'int8 against fp32 on 2,000 of your narratives: 12 labels differ (0.60 %), largest logit difference 0.08; int8 is 2.1 times as fast. That is more than 0.5 %: choose fp32 where each label counts.',
    ],
    [
      0,
      1,
      'int8 against fp32 on one of your narratives: 0 labels differ (0.00 %), largest logit difference 0.00; int8 is 2.1 times as fast.',
    ],
    [0, 0, 'There is no narrative to compare int8 with fp32 on: choose a file that has some.'],
  ])('says of %i flips among %i texts what to do', (flips, count, expected) => {
    expect(precisionSummary(reportOf(flips, count))).toBe(expected);
  });
});

describe('precisionReportText', () => {
  it('says what was measured, how, and where the flips are', () => {
    expect(precisionReportText(reportOf(2, 400)).split('\n')).toEqual([
      expect.stringContaining('2 labels differ (0.50 %)'),
      'model m (0123456789ab), int8 recipe r-1: some in int8',
      'sample: 400 of 800 different narratives; at most 1.50 % of all such narratives get another label (95 % confidence)',
      'mean logit difference 0.0002; seconds per 100 narratives: fp32 2.10, int8 1.00',
      'Serious in fp32, D/LT in int8: 2',
      'by how far the two best labels are apart in fp32 (logits):',
      '  0.05 to 0.1: 2 of 400 differ',
    ]);
  });

  it('names the model where there was nothing to compare', () => {
    expect(precisionReportText(reportOf(0, 0)).split('\n')).toHaveLength(2);
  });
});
