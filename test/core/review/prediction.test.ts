import { describe, expect, it } from 'vitest';
import { toPrediction } from '../../../src/core/review/prediction.ts';

describe('toPrediction', () => {
  it('names the class of the largest logit and its probability', () => {
    const { probabilities, ...prediction } = toPrediction(Float32Array.of(0, Math.log(3), 0), ['a', 'b', 'c'], true);
    expect(prediction).toEqual({ labelIndex: 1, label: 'b', confidence: expect.closeTo(0.6, 6), truncated: true });
    expect(Array.from(probabilities)).toEqual([0.2, 0.6, 0.2].map((value) => expect.closeTo(value, 6)));
  });

  it('takes the first of equal classes', () => {
    expect(toPrediction([1, 1], ['a', 'b'], false)).toMatchObject({ label: 'a', confidence: 0.5, truncated: false });
  });

  it('throws the sizes where the best class has no label', () => {
    expect(() => toPrediction([0, 1, 2], ['a', 'b'], false)).toThrow('3 logits for 2 labels');
  });
});
