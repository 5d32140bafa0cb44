import { describe, expect, it } from 'vitest';
import { ConfusionCounter } from '../../../src/core/metrics/classificationReport.ts';
import { decideOnModel } from '../../../src/core/training/newModelDecision.ts';

/** Of ten records of each of two labels, so many are right. */
function report(critical: number, other: number) {
  const counter = new ConfusionCounter(['D/LT', 'Serious']);
  for (let record = 0; record < 10; record++) {
    counter.add(0, record < critical ? 0 : 1);
    counter.add(1, record < other ? 1 : 0);
  }
  return counter.report();
}

describe('decideOnModel', () => {
  it('uses a model that is not worse', () => {
    expect(decideOnModel(report(9, 9), report(8, 8))).toMatchObject({ ask: false, verdict: { notWorse: true } });
  });

  it('asks about a worse one, with what got worse', () => {
    const decision = decideOnModel(report(5, 9), report(8, 9), ['D/LT']);
    expect(decision).toMatchObject({ ask: true, verdict: { notWorse: false } });
    expect(decision).toHaveProperty('why', expect.stringMatching(/^it is worse: .* fell from/));
  });

  it('asks where another model is in use by now than the one that it was compared with', () => {
    expect(decideOnModel(report(9, 9), report(8, 8), undefined, 'Mine')).toMatchObject({
      ask: true,
      verdict: { notWorse: true },
      why: expect.stringMatching(/another model than Mine, which is in use by now/),
    });
  });

  it.each([
    ['nothing was held out', undefined, undefined, /no record was held out/],
    ['the old one has other labels', report(9, 9), undefined, /cannot be compared .* does not know the labels/],
  ])('asks where they cannot be compared, and says why: %s', (_, fresh, base, why) => {
    const decision = decideOnModel(fresh, base);
    expect(decision).toMatchObject({ ask: true, why: expect.stringMatching(why) });
    expect(decision.verdict).toBeUndefined();
  });
});
