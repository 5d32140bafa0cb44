import { describe, expect, it } from 'vitest';
import { transpose } from '../../src/checkpoint/transpose.ts';

describe('transpose', () => {
  it('turns rows into columns', () => {
    expect([...transpose(Float32Array.of(1, 2, 3, 4, 5, 6), 2, 3)]).toEqual([1, 4, 2, 5, 3, 6]);
  });

  it.each([
    [1, 1],
    [31, 33],
    [64, 32],
    [100, 7],
  ])('moves every element of a %i x %i matrix', (rows, columns) => {
    const values = Float32Array.from({ length: rows * columns }, (_, index) => index);
    const expected = Array.from(
      { length: rows * columns },
      (_, index) => (index % rows) * columns + Math.floor(index / rows),
    );
    expect([...transpose(values, rows, columns)]).toEqual(expected);
  });

  it('takes another number of values for a mistake of the program', () => {
    expect(() => transpose(new Float32Array(5), 2, 3)).toThrow('5 values are no 2 x 3 matrix');
  });
});
