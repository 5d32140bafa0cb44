import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkVersionName,
  LONGEST_NAME,
  sameName,
  shownVersionName,
  uniqueName,
} from '../../../src/models/registry/versionName.ts';

describe('the name of a version', () => {
  it.each([
    ['spaces around it', '  Seriousness 2 ', 'Seriousness 2'],
    ['letters of two code points', 'Schwere e\u0301', 'Schwere \u00e9'],
    [
      'what is needed to write Persian or a family',
      '\u0645\u06cc\u200c\u062e \u{1F468}\u200d\u{1F469}',
      '\u0645\u06cc\u200c\u062e \u{1F468}\u200d\u{1F469}',
    ],
  ])('is kept without %s', (_, typed, kept) => {
    expect(checkVersionName(typed)).toBe(kept);
  });

  it.each([
    ['empty', ''],
    ['blank', ' \t '],
    ['too long', 'x'.repeat(LONGEST_NAME + 1)],
    ['of two lines', 'a\nb'],
    ['a half of a surrogate pair', 'a\ud800'],
    ['turned around', 'a\u202eb'],
  ])('is refused when it is %s', (_, typed) => {
    expect(() => checkVersionName(typed)).toThrow(expect.objectContaining({ code: 'BAD_NAME' }));
  });

  it('that was found in a file always becomes one that could have been typed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (found) => {
        const shown = shownVersionName(found);
        expect(checkVersionName(shown)).toBe(shown);
      }),
    );
  });

  it('gets the lowest number that makes it unique, and still fits', () => {
    expect(uniqueName('A', ['b'])).toBe('A');
    expect(uniqueName('A', ['a', 'A (2)', 'A (4)'])).toBe('A (3)');
    const long = 'x'.repeat(LONGEST_NAME);
    expect(uniqueName(long, [long])).toBe(`${'x'.repeat(LONGEST_NAME - 4)} (2)`);
  });

  it('is never one of those that are taken', () => {
    const names = fc.array(fc.constantFrom('a', 'A', 'a (2)', 'A (3)', 'b', '\u00c9', '\u00e9'));
    fc.assert(
      fc.property(names, (wanted) => {
        const given: string[] = [];
        for (const name of wanted) {
          const unique = uniqueName(name, given);
          expect(given.some((other) => sameName(other, unique))).toBe(false);
          given.push(unique);
        }
      }),
    );
  });
});
