import { describe, expect, it } from 'vitest';
import { type ClassificationReport, ConfusionCounter } from '../../../src/core/metrics/classificationReport.ts';
import { judgeModel } from '../../../src/core/training/modelVerdict.ts';

const labels = ['D/LT', 'Non-serious', 'Serious'];

/** A report from a confusion matrix. */
function report(matrix: readonly (readonly number[])[]): ClassificationReport {
  const counter = new ConfusionCounter(labels);
  for (const [actual, row] of matrix.entries()) {
    for (const [predicted, count] of row.entries()) for (let i = 0; i < count; i++) counter.add(actual, predicted);
  }
  return counter.report();
}

const base = report([
  [8, 1, 1],
  [1, 36, 3],
  [1, 3, 16],
]);

describe('judgeModel', () => {
  it('takes a model that is as good for not worse, with nothing to tell', () => {
    expect(judgeModel(base, base)).toEqual({ notWorse: true, findings: [] });
  });

  it('takes a better one', () => {
    const better = report([
      [9, 0, 1],
      [1, 37, 2],
      [1, 2, 17],
    ]);
    const { notWorse, findings } = judgeModel(better, base);
    expect(notWorse).toBe(true);
    expect(findings).toContain('Recall of D/LT rose from 0.800 to 0.900.');
  });

  it.each<[string, readonly string[] | undefined, boolean]>([
    ['that is critical, as all but the largest are by default', undefined, false],
    ['that is named critical', ['D/LT'], false],
    ['that is not critical', ['Serious'], true],
  ])('judges a fall of recall in a class %s', (_, critical, notWorse) => {
    const missesMore = report([
      [7, 2, 1],
      [0, 40, 0],
      [0, 0, 20],
    ]);
    expect(judgeModel(missesMore, base, critical).notWorse).toBe(notWorse);
  });

  it('tells first what fell', () => {
    const mixed = report([
      [7, 2, 1],
      [0, 40, 0],
      [0, 0, 20],
    ]);
    expect(judgeModel(mixed, base).findings[0]).toBe('Recall of D/LT fell from 0.800 to 0.700.');
  });
});
