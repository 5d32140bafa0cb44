import { describe, expect, it } from 'vitest';
import { ConfusionCounter } from '../../../src/core/metrics/classificationReport.ts';
import { readOracle } from './oracle.ts';

const { reports } = readOracle();

describe('ConfusionCounter', () => {
  it.each(reports.map((report) => [report.name, report] as const))('agrees with scikit-learn on %s', (_, expected) => {
    const counter = new ConfusionCounter(expected.labels);
    for (const [i, actual] of expected.actual.entries()) counter.add(actual, expected.predicted[i] ?? -1);
    const { accuracy, macroF1, perClass, ...counts } = counter.report();
    const { labels, confusionMatrix } = expected;
    expect(counts).toEqual({ labels, confusionMatrix, scored: expected.actual.length });
    expect(accuracy).toBeCloseTo(expected.accuracy, 12);
    expect(macroF1).toBeCloseTo(expected.macroF1, 12);
    expect(Object.keys(perClass).sort()).toEqual([...labels].sort());
    for (const [label, { precision, recall, f1, support }] of Object.entries(expected.perClass)) {
      expect(perClass[label]?.precision).toBeCloseTo(precision, 12);
      expect(perClass[label]?.recall).toBeCloseTo(recall, 12);
      expect(perClass[label]?.f1).toBeCloseTo(f1, 12);
      expect(perClass[label]?.support).toBe(support);
    }
  });

  it('reports zeros where nothing was counted', () => {
    const { scored, accuracy, macroF1, confusionMatrix } = new ConfusionCounter(['a', 'b']).report();
    expect({ scored, accuracy, macroF1 }).toEqual({ scored: 0, accuracy: 0, macroF1: 0 });
    expect(confusionMatrix).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  it('goes on counting after a report, which stays as it was', () => {
    const counter = new ConfusionCounter(['a', 'b']);
    counter.add(0, 1);
    const before = counter.report();
    counter.add(0, 1);
    expect(before.confusionMatrix).toEqual([
      [0, 1],
      [0, 0],
    ]);
    expect(counter.report().confusionMatrix).toEqual([
      [0, 2],
      [0, 0],
    ]);
  });

  it.each([
    [2, 0],
    [0, 2],
    [-1, 0],
    [0, -1],
    [0.5, 0],
  ])('takes the classes %d and %d as a mistake of its caller', (actual, predicted) => {
    expect(() => new ConfusionCounter(['a', 'b']).add(actual, predicted)).toThrow('outside of 2 labels');
  });

  it.each(['__proto__', 'constructor', ''])('has metrics for a label named "%s"', (label) => {
    const counter = new ConfusionCounter([label, 'b']);
    counter.add(0, 0);
    const { perClass } = counter.report();
    expect(Object.entries(perClass)).toContainEqual([label, { precision: 1, recall: 1, f1: 1, support: 1 }]);
  });
});
