import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitRecords } from '../../../src/core/training/splitRecords.ts';

const recipe = { validation: 0.2, split: 'stratified', seed: 42 } as const;
const texts = (count: number) => Array.from({ length: count }, (_, index) => `text ${index}`);

describe('splitRecords', () => {
  const classesOf = (count: number) =>
    Array.from({ length: count }, (_, index) => (index % 10 < 6 ? 0 : index % 10 < 9 ? 1 : 2));

  it('holds out the share of every class', () => {
    const classIds = classesOf(650);
    const { train, validation } = splitRecords(texts(650), classIds, recipe);
    expect([train.length, validation.length]).toEqual([520, 130]);
    for (const id of [0, 1, 2]) {
      const count = classIds.filter((each) => each === id).length;
      expect(validation.filter((index) => classIds[index] === id)).toHaveLength(Math.round(count * 0.2));
    }
  });

  it.each([
    [1, 1],
    [99, 10],
  ])('with %i more records examines a model on at most %i texts that the one before was trained on', (added, most) => {
    for (let seed = 0; seed < 50; seed++) {
      const before = splitRecords(texts(200), classesOf(200), { ...recipe, seed });
      const trained = new Set(before.train.map((index) => `text ${index}`));
      // Wherever they are added.
      const more = ['new', ...texts(200), ...Array.from({ length: added - 1 }, (_, index) => `added ${index}`)];
      const after = splitRecords(more, [1, ...classesOf(199 + added)], { ...recipe, seed });
      expect(after.validation.filter((index) => trained.has(more[index] ?? '')).length).toBeLessThanOrEqual(most);
    }
  });

  it('has a record of a class on both sides where there are two texts of it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 12 }),
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        fc.nat(),
        (n, validation, seed) => {
          const { train, validation: held } = splitRecords(texts(n), new Array(n).fill(0), {
            ...recipe,
            validation,
            seed,
          });
          expect([train.length > 0, held.length > 0]).toEqual([true, true]);
        },
      ),
    );
  });

  it('gives the same split for the same seed, and another for another', () => {
    const classIds = new Array(50).fill(0);
    const split = (seed: number) => splitRecords(texts(50), classIds, { ...recipe, seed }).validation;
    expect(split(1)).toEqual(split(1));
    expect(split(1)).not.toEqual(split(2));
  });

  it('leaves the only record of a class to training', () => {
    const { train, validation } = splitRecords(texts(11), [...new Array(10).fill(0), 1], {
      ...recipe,
      validation: 0.9,
    });
    expect(train).toContain(10);
    expect(validation.length).toBeGreaterThan(5);
  });

  it('cuts in order of the file, and moves a text that is on both sides to training', () => {
    const { train, validation } = splitRecords(['a', 'b', 'c', 'A ', 'e'], [0, 0, 0, 0, 0], {
      ...recipe,
      split: 'in-order',
      validation: 0.4,
    });
    expect({ train, validation }).toEqual({ train: [0, 1, 2, 3], validation: [4] });
  });

  it('holds out nothing where the share is 0', () => {
    expect(splitRecords(texts(9), new Array(9).fill(0), { ...recipe, validation: 0 }).validation).toEqual([]);
  });

  it('never has one text on both sides, and every record on one', () => {
    const record = fc.record({
      text: fc.constantFrom('fever', ' Fever', 'rash', 'RASH  ', 'a', 'b', 'c'),
      id: fc.nat(2),
    });
    fc.assert(
      fc.property(
        fc.array(record, { maxLength: 60 }),
        fc.constantFrom('stratified' as const, 'in-order' as const),
        fc.double({ min: 0, max: 0.95, noNaN: true }),
        fc.nat(),
        (records, split, validation, seed) => {
          const sides = splitRecords(
            records.map(({ text }) => text),
            records.map(({ id }) => id),
            { split, validation, seed },
          );
          const keys = (side: readonly number[]) => new Set(side.map((i) => records[i]?.text.trim().toLowerCase()));
          const train = keys(sides.train);
          expect([...keys(sides.validation)].filter((key) => train.has(key))).toEqual([]);
          expect([...sides.train, ...sides.validation].sort((a, b) => a - b)).toEqual([...records.keys()]);
        },
      ),
    );
  });
});
