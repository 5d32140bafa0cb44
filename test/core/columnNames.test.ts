import { describe, expect, it } from 'vitest';
import { columnNames } from '../../src/core/columnNames.ts';

describe('columnNames', () => {
  it.each<[string, readonly string[], string]>([
    ['names', ['ID', 'Case narrative'], '"ID", "Case narrative"'],
    ['an empty name', [''], '""'],
    ['a record in place of a header', ['1', 'Patient Jane Doe, 44, died of sepsis'], '"1", column 2 (long text)'],
    ['six words', ['he had a very bad cold'], 'column 1 (long text)'],
  ])('gives %s', (_, header, expected) => expect(columnNames(header)).toBe(expected));

  it('cuts a long list', () => {
    const header = Array.from({ length: 29 }, (_, i) => `c${i}`);
    expect(columnNames(header)).toMatch(/"c19", and 9 more$/);
  });
});
