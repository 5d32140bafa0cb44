import { describe, expect, it } from 'vitest';
import { classWeights, lossShares } from '../../../src/core/training/classWeights.ts';

describe('classWeights', () => {
  it('gives what scikit-learn calls balanced', () => {
    // compute_class_weight('balanced', classes=[0, 1, 2], y=[0] * 6 + [1] * 3 + [2]) of scikit-learn 1.9.1
    const weights = classWeights([6, 3, 1], { classWeights: 'balanced' });
    expect(weights.map((weight) => weight.toFixed(8))).toEqual(['0.55555556', '1.11111111', '3.33333333']);
  });

  it('leaves even classes and a recipe without weights alone', () => {
    expect(classWeights([10, 12, 14], { classWeights: 'balanced' })).toEqual([1, 1, 1]);
    expect(classWeights([100, 1], { classWeights: 'none' })).toEqual([1, 1]);
  });
});

describe('lossShares', () => {
  it('sum to 1, each text by the weight of its class', () => {
    expect([...lossShares([0, 1, 1], [2, 1])]).toEqual([0.5, 0.25, 0.25]);
    expect([...lossShares([1, 1], [5, 0.1])]).toEqual([0.5, 0.5]);
  });
});
