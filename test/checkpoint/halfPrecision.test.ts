import { describe, expect, it } from 'vitest';
import { bfloat16ToFloat, floatToHalf, halfToFloat } from '../../src/checkpoint/halfPrecision.ts';

const allPatterns = Uint16Array.from({ length: 65_536 }, (_, bits) => bits);

/** The value of a binary16 pattern, straight from IEEE 754. */
function halfValue(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Equality that tells the zeros apart and takes NaN for NaN. */
function isSame(actual: ArrayLike<number>, expected: ArrayLike<number>): boolean {
  return Array.from(expected).every((value, index) => Object.is(actual[index], value));
}

describe('half precision', () => {
  it('widens each of the 65,536 float16 patterns to the value IEEE 754 gives it, zeros with their sign', () => {
    const expected = Float32Array.from(allPatterns, halfValue);
    expect(isSame(halfToFloat(allPatterns), expected)).toBe(true);
  });

  it('widens each of the 65,536 bfloat16 patterns to the float32 with that upper half', () => {
    const view = new DataView(new ArrayBuffer(4));
    const expected = Float32Array.from(allPatterns, (bits) => {
      view.setUint16(0, bits);
      return view.getFloat32(0);
    });
    expect(isSame(bfloat16ToFloat(allPatterns), expected)).toBe(true);
  });

  it('keeps all bits of a float16 that is widened and narrowed again, except that a signalling NaN becomes quiet', () => {
    const isNotANumber = (bits: number) => (bits & 0x7fff) > 0x7c00;
    const expected = allPatterns.map((bits) => (isNotANumber(bits) ? bits | 0x200 : bits));
    expect(isSame(floatToHalf(halfToFloat(allPatterns)), expected)).toBe(true);
  });

  it('rounds the midpoint of any two neighbours to the even one, and what is off the midpoint to the nearer', () => {
    const wrong: number[] = [];
    for (let lower = 0; lower < 0x7c00; lower++) {
      // The neighbour of the largest half would be 2^16: from the midpoint on, the result is infinity.
      const upperValue = lower === 0x7bff ? 65_536 : halfValue(lower + 1);
      const midpoint = Math.fround((halfValue(lower) + upperValue) / 2);
      const step = midpoint * 2 ** -23;
      const even = lower % 2 === 0 ? lower : lower + 1;
      const positive = floatToHalf(Float32Array.of(midpoint - step, midpoint, midpoint + step));
      const negative = floatToHalf(Float32Array.of(-midpoint + step, -midpoint, -midpoint - step));
      const expected = [lower, even, lower + 1];
      const signed = expected.map((bits) => bits | 0x8000);
      if (!isSame(positive, expected) || !isSame(negative, signed)) wrong.push(lower);
    }
    expect(wrong).toEqual([]);
  });

  it.each([
    ['zero', 0, 0x0000],
    ['minus zero', -0, 0x8000],
    ['a float32 subnormal', 1e-40, 0x0000],
    ['one', 1, 0x3c00],
    ['the largest half', 65_504, 0x7bff],
    ['what just still rounds down', 65_519.99, 0x7bff],
    ['what rounds to infinity', 65_520, 0x7c00],
    ['the largest float32', 3.4028234663852886e38, 0x7c00],
    ['minus infinity', Number.NEGATIVE_INFINITY, 0xfc00],
    ['NaN', Number.NaN, 0x7e00],
  ])('narrows %s', (_, value, bits) => {
    expect(floatToHalf(Float32Array.of(value))[0]).toBe(bits);
  });
});
