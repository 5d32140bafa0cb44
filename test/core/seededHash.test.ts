import { describe, expect, it } from 'vitest';
import { seededHash } from '../../src/core/seededHash.ts';

describe('seededHash', () => {
  it('is the same everywhere', () => {
    expect(['', 'a', 'fever', 'Fieber 🤒'].map((text) => seededHash(text, 42))).toEqual([
      0.4810818450059742, 0.6218845129478723, 0.12063500192016363, 0.9494971265085042,
    ]);
  });

  it.each([0, 1, 42, 2 ** 32 - 1])('spreads texts evenly, whatever they end with: seed %d', (seed) => {
    const bins = new Array(20).fill(0);
    for (let index = 0; index < 20_000; index++) bins[Math.floor(20 * seededHash(`text ${index}`, seed))]++;
    const chiSquare = bins.reduce((sum, count) => sum + (count - 1_000) ** 2 / 1_000, 0);
    // 19 degrees of freedom: more than this has a chance of 1 in 10,000.
    expect(chiSquare).toBeLessThan(50.8);
  });

  it('has nothing to do with what another seed gives', () => {
    let both = 0;
    for (let index = 0; index < 10_000; index++) {
      if (seededHash(`text ${index}`, 1) < 0.2 && seededHash(`text ${index}`, 2) < 0.2) both++;
    }
    expect(Math.abs(both - 400)).toBeLessThan(80);
  });
});
