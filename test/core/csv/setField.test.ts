import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scanCsv } from '../../../src/core/csv/csvScanner.ts';
import { setField } from '../../../src/core/csv/setField.ts';
import { anyText, anyValue } from './arbitraries.ts';
import { applyReplacements, readRows } from './readTable.ts';

function afterSetting(text: string, record: number, column: number, value: string): string | undefined {
  const replacement = setField(scanCsv(text), record, column, value);
  return replacement && applyReplacements(text, [replacement]);
}

describe('setField', () => {
  it.each([
    ['replaces a bare field', 'a,b\r\n1,2\n', 0, 1, 'x', 'a,b\r\n1,x\n'],
    ['keeps quotes', 'a,b\n1,"2"\n3,4', 0, 1, 'x', 'a,b\n1,"x"\n3,4'],
    ['keeps the quotes of a field that becomes empty', 'a,b\n1,"2"\n3,4', 0, 1, '', 'a,b\n1,""\n3,4'],
    ['quotes in a file that quotes all', 'a,b\n"1",\n"3","4"', 0, 1, 'x', 'a,b\n"1","x"\n"3","4"'],
    ['quotes what needs it', 'a;b\n1;2\n', 0, 0, 'x;y', 'a;b\n"x;y";2\n'],
    ['mends text after a closing quote', 'a,b\n"1"x,2\n', 0, 0, '1x', 'a,b\n"1x",2\n'],
    ['fills a field of no characters', 'a,b\n,2\n', 0, 0, 'x', 'a,b\nx,2\n'],
    ['adds the delimiters a short record lacks', 'a,b,c,d\n1\n', 0, 2, 'x', 'a,b,c,d\n1,,x\n'],
    ['reaches a column that only this record has', 'a,b\n1,2,3\n', 0, 2, 'x', 'a,b\n1,2,x\n'],
    ['does not leave a blank line in a file of one column', 'a\nx\ny\n', 0, 0, '', 'a\n""\ny\n'],
    ['renames a column after the byte order mark', '\uFEFFa,b\n', -1, 0, 'x', '\uFEFFx,b\n'],
    ['writes before an unclosed quote', 'a,b\n1,"2\n', 0, 0, 'x', 'a,b\nx,"2\n'],
    ['leaves a field alone whose quote is never closed', 'a,b\n1,"2\n', 0, 1, 'x', undefined],
    ['leaves the fields after an unclosed quote alone', 'a,b,c\n1,"2\n', 0, 2, 'x', undefined],
  ])('%s', (_, text, record, column, value, expected) => {
    expect(afterSetting(text, record, column, value)).toBe(expected);
  });

  it.each([
    [0, 2],
    [0, -1],
    [0, 0.5],
    [1, 0],
    [-2, 0],
  ])('throws for record %d, column %d of a table of one record and two columns', (record, column) => {
    expect(() => setField(scanCsv('a,b\n1,2'), record, column, 'x')).toThrow(RangeError);
  });

  it('changes one value and no character of any other field, in any text', () => {
    const dialect = { delimiter: ',', newline: '\n', quoteAll: false } as const;
    fc.assert(
      fc.property(anyText, fc.nat(), fc.nat(), anyValue, (text, recordSeed, columnSeed, value) => {
        const table = scanCsv(text, { dialect });
        fc.pre(table.hasHeader);
        const record = (recordSeed % (table.recordCount + 1)) - 1;
        const { fields, unclosedQuote } = table.splitRecord(record);
        const column = columnSeed % Math.max(table.header.length, fields.length);
        const replacement = setField(table, record, column, value);
        if (replacement === undefined) {
          expect(unclosedQuote).toBeLessThanOrEqual(column);
          return;
        }
        const field = fields[column];
        const end = table.recordRange(record).end;
        expect([replacement.start, replacement.end]).toEqual(field ? [field.start, field.end] : [end, end]);

        const rows = readRows(table);
        const row = rows[record + 1] ?? [];
        while (row.length < column) row.push('');
        row[column] = value;
        const after = scanCsv(applyReplacements(text, [replacement]), { dialect, bodyStart: table.bodyStart });
        expect(readRows(after)).toEqual(rows);
      }),
      { numRuns: 2000 },
    );
  });
});
