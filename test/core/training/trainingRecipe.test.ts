import { describe, expect, it } from 'vitest';
import { firstTrainedLayer, parseTrainingScope } from '../../../src/core/training/trainingRecipe.ts';

describe('a scope of training', () => {
  it.each([
    ['full', 0],
    ['last-2', 4],
    ['last-6', 0],
    ['last-99', 0],
    ['head', 6],
  ] as const)('%s of six layers begins at layer %i', (scope, first) => {
    expect(firstTrainedLayer(scope, 6)).toBe(first);
  });

  it.each(['', 'last', 'last-', 'last-0', 'last-x', 'FULL', 'last-1000'])('is not read from "%s"', (text) => {
    expect(parseTrainingScope(text)).toBeUndefined();
  });
});
