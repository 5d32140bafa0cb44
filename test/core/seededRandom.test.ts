import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/core/seededRandom.ts';

const draw = (count: number, next: () => number) => Array.from({ length: count }, next);

describe('seededRandom', () => {
  it('gives the numbers of mulberry32', () => {
    // What the author's function gives in C.
    expect(draw(3, seededRandom(0).uniform)).toEqual([0.26642920868471265, 0.0003297457005828619, 0.2232720274478197]);
    expect(draw(3, seededRandom(42).uniform)).toEqual([0.6011037519201636, 0.44829055899754167, 0.8524657934904099]);
  });

  it('gives every seed a sequence of its own, which does not depend on others', () => {
    const [first, second] = [seededRandom(1), seededRandom(1)];
    const alone = draw(5, first.normal);
    seededRandom(2).normal();
    expect(draw(5, second.normal)).toEqual(alone);
    expect(draw(5, seededRandom(2).normal)).not.toEqual(alone);
  });

  it('draws uniform numbers evenly from [0, 1)', () => {
    const counts = new Array<number>(10).fill(0);
    for (const value of draw(10_000, seededRandom(3).uniform)) {
      const tenth = Math.floor(value * 10);
      counts[tenth] = (counts[tenth] ?? Number.NaN) + 1;
    }
    // Each about 1,000; 120 is four standard deviations.
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(120);
  });

  it('draws normal numbers of which the right shares lie within one, two and three deviations', () => {
    const values = draw(20_000, seededRandom(4).normal);
    for (const [limit, share] of [
      [1, 0.6827],
      [2, 0.9545],
      [3, 0.9973],
    ] as const) {
      const within = values.filter((value) => Math.abs(value) < limit).length / values.length;
      expect(Math.abs(within - share)).toBeLessThan(0.015);
    }
    expect(Math.abs(values.reduce((sum, value) => sum + value, 0) / values.length)).toBeLessThan(0.03);
    expect(values.every(Number.isFinite)).toBe(true);
  });
});
