import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededHash } from '../../../src/core/seededHash.ts';
import { splitRecords } from '../../../src/core/training/splitRecords.ts';

const recipe = { validation: 0.2, split: 'stratified', seed: 42 } as const;
const texts = (count: number) => Array.from({ length: count }, (_, index) => `text ${index}`);

describe('splitRecords', () => {
  const classesOf = (count: number) =>
    Array.from({ length: count }, (_, index) => (index % 10 < 6 ? 0 : index % 10 < 9 ? 1 : 2));

  it('holds out about the share of every class', () => {
    const classIds = classesOf(5_000);
    const { train, validation } = splitRecords(texts(5_000), classIds, recipe);
    for (const id of [0, 1, 2]) {
      const count = classIds.filter((each) => each === id).length;
      const held = validation.filter((index) => classIds[index] === id).length;
      // Four standard deviations.
      expect(Math.abs(held - 0.2 * count)).toBeLessThan(4 * Math.sqrt(0.16 * count));
    }
    expect(train.length + validation.length).toBe(5_000);
  });

  it('keeps on its side what is there when records are added, wherever they are added', () => {
    const before = splitRecords(texts(200), classesOf(200), recipe);
    const more = ['new', ...texts(200), ...Array.from({ length: 99 }, (_, index) => `added ${index}`)];
    const after = splitRecords(more, [1, ...classesOf(299)], recipe);
    const held = (side: readonly number[], all: readonly string[]) => side.map((index) => all[index] ?? '');
    const kept = held(after.validation, more).filter((text) => text.startsWith('text '));
    expect(before.validation.length).toBeGreaterThan(20);
    expect(kept).toEqual(held(before.validation, texts(200)));
  });

  it('examines a model on no text that the one before was trained on, but for the first of a class', () => {
    const record = fc.record({ text: fc.nat(400).map((n) => `text ${n}`), id: fc.nat(2) });
    fc.assert(
      fc.property(
        fc.uniqueArray(record, { minLength: 10, maxLength: 80, selector: ({ text }) => text }),
        fc.nat(),
        fc.nat(),
        (records, cut, seed) => {
          const earlier = records.slice(0, 3 + (cut % (records.length - 3)));
          const split = (of: typeof records) => {
            const classIds = of.map(({ id }) => id);
            const sides = splitRecords(
              of.map(({ text }) => text),
              classIds,
              { ...recipe, seed },
            );
            return { train: new Set(sides.train.map((i) => of[i])), held: sides.validation.map((i) => of[i]) };
          };
          const [before, after] = [split(earlier), split(records)];
          // Few texts, all of which chance would hold out, or a single one, are trained on all the same.
          const forced = (id?: number) => {
            const own = earlier.filter((each) => each.id === id);
            return own.length < 2 || own.every((each) => seededHash(each.text, seed) < recipe.validation);
          };
          expect(after.held.filter((each) => before.train.has(each) && !forced(each?.id))).toEqual([]);
        },
      ),
    );
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
