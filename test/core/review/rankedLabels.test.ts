import { describe, expect, it } from 'vitest';
import { rankedLabels } from '../../../src/core/review/rankedLabels.ts';

describe('rankedLabels', () => {
  it.each<[string, readonly number[], readonly string[]]>([
    ['most probable first', [0.1, 0.7, 0.2], ['b', 'c', 'a']],
    ['in the order of the model where they are equal', [0.5, 0.25, 0.25], ['a', 'b', 'c']],
    ['as improbable where a probability is missing', [0.4, 0.6], ['b', 'a', 'c']],
  ])('gives labels %s', (_, probabilities, expected) => {
    expect(rankedLabels(['a', 'b', 'c'], probabilities).map(({ label }) => label)).toEqual(expected);
  });
});
