import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultMaxTokens, packBatches, packInputs } from '../../src/inference/packing.ts';

describe('packBatches', () => {
  it.each<[string, number[], number, number[][]]>([
    ['nothing', [], 10, []],
    ['longest first, equal lengths in their order', [2, 5, 5, 2], 100, [[1, 2, 0, 3]]],
    [
      'as many as fit with padding',
      [4, 4, 3, 2],
      8,
      [
        [0, 1],
        [2, 3],
      ],
    ],
    ['a sequence that is too long alone', [3, 20, 3], 6, [[1], [0, 2]]],
    ['empty sequences', [0, 0], 10, [[0, 1]]],
  ])('packs %s', (_, lengths, maxTokens, batches) => {
    expect(packBatches(lengths, { maxTokens })).toEqual(batches);
  });

  it('puts every sequence into one batch and never computes more than the limit for several', () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 200 });
    fc.assert(
      fc.property(lengths, fc.integer({ min: 1, max: 2000 }), (sizes, maxTokens) => {
        const batches = packBatches(sizes, { maxTokens });
        expect(batches.flat().sort((a, b) => a - b)).toEqual([...sizes.keys()]);
        for (const batch of batches) {
          const longest = Math.max(...batch.map((index) => sizes[index] ?? 0));
          expect(batch.length === 1 || batch.length * longest <= maxTokens).toBe(true);
        }
      }),
    );
  });

  it('wastes little on padding when lengths are mixed', () => {
    const lengths = Array.from({ length: 1000 }, (_, index) => 10 + ((index * 7919) % 247));
    const padded = packBatches(lengths).reduce((sum, batch) => sum + batch.length * (lengths[batch[0] ?? 0] ?? 0), 0);
    const tokens = lengths.reduce((sum, length) => sum + length);
    expect(padded / tokens).toBeLessThan(1.05);
  });

  it('has a limit of its own', () => {
    expect(packBatches(new Array(defaultMaxTokens / 8 + 1).fill(8))).toHaveLength(2);
  });
});

describe('packInputs', () => {
  it('lays sequences one after the other and says where each belongs in the padded batch', () => {
    const packed = packInputs([[101, 7, 102], Int32Array.of(101, 102)]);
    expect(packed).toEqual({
      inputIds: Int32Array.of(101, 7, 102, 101, 102),
      positionIds: Int32Array.of(0, 1, 2, 0, 1),
      padIndex: Int32Array.of(0, 1, 2, /* second row, padded with its first token */ 3, 4, 3),
      unpadIndex: Int32Array.of(0, 1, 2, 3, 4),
      lengths: Int32Array.of(3, 2),
      clsIndex: Int32Array.of(0, 3),
      maxLength: 3,
    });
  });

  it('finds every token again after padding and unpadding', () => {
    const sequence = fc.array(fc.integer({ min: 0, max: 30_000 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.array(sequence, { minLength: 1, maxLength: 10 }), (sequences) => {
        const { inputIds, padIndex, unpadIndex } = packInputs(sequences);
        const padded = padIndex.map((index) => inputIds[index] ?? -1);
        expect([...unpadIndex.map((index) => padded[index] ?? -1)]).toEqual(sequences.flat());
      }),
    );
  });

  it.each([
    ['no sequence', []],
    ['an empty sequence', [[101, 102], []]],
  ])('takes %s for a mistake of the program', (_, sequences) => {
    expect(() => packInputs(sequences)).toThrow('Cannot pack');
  });
});
