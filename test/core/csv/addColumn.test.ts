import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addColumn } from '../../../src/core/csv/addColumn.ts';
import { scanCsv } from '../../../src/core/csv/csvScanner.ts';
import { anyDialect, anyRows, anyValue, write } from './arbitraries.ts';
import { applyReplacements, readRows } from './readTable.ts';

describe('addColumn', () => {
  it.each([
    ['before the first column', 'a,b\n1,2\n', 0, 'L,a,b\n,1,2\n'],
    ['between two columns', 'a,b\r\n1,2\r\n', 1, 'a,L,b\r\n1,,2\r\n'],
    ['after the last column', 'a,b\n1,2', 2, 'a,b,L\n1,2,'],
    ['after a byte order mark', '\uFEFFa,b\n', 0, '\uFEFFL,a,b\n'],
    ['in the quotes that the header has', '"a";"b"\n1;2\n', 1, '"a";"L";"b"\n1;;2\n'],
    ['to a file of one column', 'a\n1\n\n2\n', 1, 'a,L\n1,\n\n2,\n'],
    ['before an unclosed quote', 'a,b\n1,"2\n', 1, 'a,L,b\n1,,"2\n'],
    ['not after an unclosed quote', 'a,b\n1,"2\n', 2, 'a,b,L\n1,"2\n'],
    ['not to a record that is too short for it', 'a,b,c\n1\n1,2\n1,2,3,4\n', 2, 'a,b,L,c\n1\n1,2,\n1,2,,3,4\n'],
    ['to an empty file', '\uFEFF\n', 0, '\uFEFFL\n'],
  ])('adds an empty column %s', (_, text, atColumn, expected) => {
    expect(applyReplacements(text, addColumn(scanCsv(text), 'L', atColumn))).toBe(expected);
  });

  it.each([-1, 3, 0.5])('throws for column %d of two', (atColumn) => {
    expect(() => addColumn(scanCsv('a,b\n'), 'L', atColumn)).toThrow(RangeError);
  });

  it('leaves all other values of any table as they were', () => {
    fc.assert(
      fc.property(anyRows, anyDialect, anyValue, fc.nat(), (rows, dialect, name, seed) => {
        const text = write(rows, dialect);
        const table = scanCsv(text, { dialect });
        const atColumn = seed % (table.header.length + 1);
        const after = scanCsv(applyReplacements(text, addColumn(table, name, atColumn)), { dialect });
        expect(readRows(after)).toEqual(rows.map((row, index) => row.toSpliced(atColumn, 0, index === 0 ? name : '')));
      }),
    );
  });
});
