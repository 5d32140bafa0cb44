import { describe, expect, it } from 'vitest';
import type { Prediction } from '../../../src/core/review/prediction.ts';
import { bar, percentage, predictionText, probabilityBars } from '../../../src/core/review/predictionText.ts';
import type { RecordStatus } from '../../../src/core/review/recordStatus.ts';

describe('percentage', () => {
  it.each([
    [0, 0, '0 %'],
    [0.004, 0, '0 %'],
    [0.005, 0, '1 %'],
    [0.974, 0, '97 %'],
    [0.994, 0, '99 %'],
    [0.9999, 0, '99 %'],
    [1, 0, '100 %'],
    [0.9994, 1, '99.9 %'],
    [0.99999, 1, '99.9 %'],
    [0.5, 1, '50.0 %'],
    [1, 1, '100.0 %'],
    [1 - Number.EPSILON, 2, '99.99 %'],
  ])('writes %d with %i digits as %s', (probability, digits, expected) => {
    expect(percentage(probability, digits)).toBe(expected);
  });

  it('has no digits after the point where none are asked for', () => {
    expect(percentage(0.123)).toBe('12 %');
  });
});

describe('predictionText', () => {
  const prediction: Prediction = {
    labelIndex: 1,
    label: 'Serious',
    confidence: 0.97,
    probabilities: [0.03, 0.97],
    truncated: false,
  };
  const statuses: readonly RecordStatus[] = [
    'unlabelled',
    'agreement',
    'disagreement',
    'unknownLabel',
    'checked',
    'waiting',
  ];

  it('says sign, label and confidence', () => {
    expect(predictionText(prediction, 'disagreement')).toBe('≠ Serious 97 %');
  });

  it('tells every status apart without colour', () => {
    expect(new Set(statuses.map((status) => predictionText(prediction, status))).size).toBe(statuses.length);
  });
});

describe('bar', () => {
  it.each([
    [0, 4, ''],
    [1, 4, '████'],
    [0.5, 4, '██'],
    [1 / 8, 1, '▏'],
    [0.999, 1, '█'],
    [0.4, 4, '█▋'],
    [-1, 4, ''],
    [7, 4, '████'],
  ])('of %d in %i characters is "%s"', (fraction, width, expected) => {
    expect(bar(fraction, width)).toBe(expected);
  });
});

describe('probabilityBars', () => {
  it('has one aligned line a class, the most probable first', () => {
    expect(probabilityBars(['D/LT', 'Non-serious', 'Serious'], [0.001, 0.25, 0.749], 8).split('\n')).toEqual([
      'Serious      74.9 % ██████',
      'Non-serious  25.0 % ██',
      'D/LT          0.1 %',
    ]);
  });
});
