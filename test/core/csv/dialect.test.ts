import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SNIFFED_CHARACTERS, sniffDialect } from '../../../src/core/csv/dialect.ts';
import { anyDialect, write } from './arbitraries.ts';

describe('sniffDialect', () => {
  it.each([
    ['a comma where nothing splits the header', 'Narrative\none; two\nthree', ','],
    ['a comma for an empty text', '', ','],
    ['the delimiter that splits the header, whatever the data records hold', 'a;b\n1,2,3;x\n1,2,3;y', ';'],
    ['not a delimiter inside a quoted header field', '"a,b";c\n1;2', ';'],
    ['of two that split the header the one that the data records agree with', 'id;text, free\n1;a, b, c\n2;d', ';'],
    ['of two equally consistent ones the one with more header fields', 'a,b|c|d', '|'],
    ['the comma before a bar where all else is equal', 'a,b|c', ','],
    ['a tab', 'sentences\tADR\nso, so\t1', '\t'],
  ])('finds %s', (_, text, delimiter) => {
    expect(sniffDialect(text).delimiter).toBe(delimiter);
  });

  it.each([
    ['the most frequent terminator', 'a,b\r\n1,2\n3,4\r\n', '\r\n'],
    ['the first of equally frequent ones', 'a,b\r1,2\n', '\r'],
    ['LF where there is no terminator', 'a,b', '\n'],
    ['record terminators only, not those inside quotes', 'a,b\r\n1,"x\ny\nz"', '\r\n'],
  ])('takes for the newline %s', (_, text, newline) => {
    expect(sniffDialect(text).newline).toBe(newline);
  });

  it.each([
    ['every field of the data is quoted', 'a,b\n"1","2"\n', true],
    ['empty fields are left bare', 'a,b\n"1",\n', true],
    ['one field is bare', 'a,b\n"1","2"\n"3",4', false],
    ['there are no data records', '"a","b"\n', false],
    ['all fields of the data are empty', 'a,b\n,\n', false],
  ])('says whether all is quoted where %s', (_, text, quoteAll) => {
    expect(sniffDialect(text).quoteAll).toBe(quoteAll);
  });

  it('starts where the caller says the content does', () => {
    const latin1Mark = '\u00EF\u00BB\u00BF';
    expect(sniffDialect(`${latin1Mark}"a,b";c\n1;2`, 3).delimiter).toBe(';');
  });

  it('does not count the record that the end of the sample cuts', () => {
    const filler = 'x'.repeat(SNIFFED_CHARACTERS);
    // Whole, the only data record agrees with the semicolon; as far as it is read, with the comma.
    expect(sniffDialect(`a,b;c;d\n1;2,${filler};3`).delimiter).toBe(';');
  });

  it('finds the dialect that a regular file was written in', () => {
    fc.assert(
      fc.property(anyDialect, fc.integer({ min: 1, max: 60 }), (dialect, count) => {
        const rows = Array.from({ length: count }, (_, record) => [`id ${record}`, 'so, so; or | not\tso', 'x']);
        expect(sniffDialect(write([['ID', 'Text', 'Label'], ...rows], dialect))).toEqual(dialect);
      }),
      { numRuns: 50 },
    );
  });
});
