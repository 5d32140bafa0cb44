import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planBatches } from '../../../src/core/training/batchPlan.ts';

const recipe = { batchSize: 8, batching: 'by-length', seed: 42 } as const;
const padding = (lengths: readonly number[], batches: readonly (readonly number[])[]) =>
  batches.reduce((sum, batch) => sum + Math.max(...batch.map((i) => lengths[i] ?? 0)) * batch.length, 0);

describe('planBatches', () => {
  it.each(['shuffled', 'by-length'] as const)(
    'puts every text into one batch of the size that is asked for: %s',
    (batching) => {
      fc.assert(
        fc.property(
          fc.array(fc.integer({ min: 1, max: 256 }), { maxLength: 100 }),
          fc.integer({ min: 1, max: 9 }),
          (lengths, batchSize) => {
            const batches = planBatches(lengths, { batchSize, batching, seed: 1 }, 1);
            expect(batches.flat().sort((a, b) => a - b)).toEqual([...lengths.keys()]);
            expect(batches.filter(({ length }) => length !== batchSize).length).toBeLessThanOrEqual(1);
          },
        ),
      );
    },
  );

  it('wastes less on padding by length, and still mixes', () => {
    const lengths = Array.from({ length: 640 }, (_, index) => 10 + ((index * 7_919) % 200));
    const byLength = planBatches(lengths, recipe, 1);
    const shuffled = planBatches(lengths, { ...recipe, batching: 'shuffled' }, 1);
    const tokens = lengths.reduce((sum, length) => sum + length);
    expect(padding(lengths, byLength) / tokens).toBeLessThan(1.25);
    expect(padding(lengths, shuffled) / tokens).toBeGreaterThan(1.5);
    const longest = byLength.map((batch) => Math.max(...batch.map((i) => lengths[i] ?? 0)));
    expect(longest).not.toEqual([...longest].sort((a, b) => a - b));
  });

  it('follows from seed and epoch', () => {
    const lengths = Array.from({ length: 50 }, (_, index) => index);
    const plan = (seed: number, epoch: number) => planBatches(lengths, { ...recipe, seed }, epoch);
    expect(plan(1, 1)).toEqual(plan(1, 1));
    expect(plan(1, 1)).not.toEqual(plan(1, 2));
    expect(plan(1, 1)).not.toEqual(plan(2, 1));
  });
});
