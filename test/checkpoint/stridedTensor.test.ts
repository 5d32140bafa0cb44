import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { elementCount, elementSpan, gatherStrided, isContiguous } from '../../src/checkpoint/stridedTensor.ts';

/** The place of every element in row-major order, straight from the definition of strides. */
function places(shape: readonly number[], strides: readonly number[]): number[] {
  return shape.reduce<number[]>(
    (starts, size, axis) =>
      starts.flatMap((start) => Array.from({ length: size }, (_, index) => start + index * (strides[axis] ?? 0))),
    [0],
  );
}

const tensors = fc
  .array(fc.tuple(fc.nat({ max: 4 }), fc.nat({ max: 9 })), { maxLength: 5 })
  .map((axes) => ({ shape: axes.map(([size]) => size), strides: axes.map(([, stride]) => stride) }));

describe('a tensor with strides', () => {
  it('is gathered from where its elements lie, all of them within its span', () => {
    fc.assert(
      fc.property(tensors, ({ shape, strides }) => {
        const expected = places(shape, strides);
        const values = Float32Array.from({ length: elementSpan(shape, strides) }, (_, index) => index);
        expect([...gatherStrided(values, shape, strides)]).toEqual(expected);
        expect(elementCount(shape)).toBe(expected.length);
        expect(elementSpan(shape, strides)).toBe(Math.max(-1, ...expected) + 1);
      }),
    );
  });

  it('is contiguous if its elements follow each other', () => {
    fc.assert(
      fc.property(tensors, ({ shape, strides }) => {
        const follow = places(shape, strides).every((place, index) => place === index);
        expect(isContiguous(shape, strides)).toBe(follow);
      }),
    );
  });

  it.each([
    [[2, 3], [3, 1], true],
    [[2, 3], [1, 2], false],
    [[1, 3], [99, 1], true],
    [[], [], true],
    [[0, 3], [7, 7], true],
  ])('of shape %j and strides %j is contiguous: %s', (shape, strides, expected) => {
    expect(isContiguous(shape, strides)).toBe(expected);
  });

  it('has no elements if a size is zero, however large the others are', () => {
    expect(elementCount([2 ** 53, 2 ** 53, 0, ...new Array(60).fill(2 ** 53)])).toBe(0);
  });
});
