import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CsvScanner, scanCsv } from '../../../src/core/csv/csvScanner.ts';
import { anyDialect, anyRows, anyText, write } from './arbitraries.ts';
import { contents, readRows } from './readTable.ts';

describe('CsvTable', () => {
  it('reads mixed terminators, blank lines and a missing last newline', () => {
    const table = scanCsv('\n\uFEFFid,text\r\n1,a\n\r\r\n2,"b\r\nc"\r3,d', { bodyStart: 0 });
    expect(table.header).toEqual(['\uFEFFid', 'text']);
    expect(readRows(table).slice(1)).toEqual([
      ['1', 'a'],
      ['2', 'b\r\nc'],
      ['3', 'd'],
    ]);
    expect(table.problems).toEqual([]);
  });

  it.each([
    ['skips a decoded byte order mark', '\uFEFFa,b\n', undefined, ['a', 'b']],
    ['skips what the caller says', '\u00EF\u00BB\u00BF"a",b\n', 3, ['a', 'b']],
    [
      'keeps the latin1 characters of a mark as content otherwise',
      '\u00EF\u00BB\u00BFa,b\n',
      undefined,
      ['\u00EF\u00BB\u00BFa', 'b'],
    ],
    ['survives a start beyond the text', 'a', 3, []],
  ])('%s', (_, text, bodyStart, header) => {
    expect(scanCsv(text, { bodyStart }).header).toEqual(header);
  });

  it('takes a line of blanks for a record and a line of nothing for none', () => {
    expect(readRows(scanCsv('text\n\n  \na'))).toEqual([['text'], ['  '], ['a']]);
  });

  it('has no value where a record is too short, and throws for a record that is not there', () => {
    const table = scanCsv('a,b,c\n1,2\n');
    expect([table.value(0, 1), table.value(0, 2), table.value(-1, 2)]).toEqual(['2', undefined, 'c']);
    for (const record of [-2, 1, 0.5, Number.NaN]) {
      expect(() => table.value(record, 0)).toThrow(RangeError);
    }
  });

  it('finds the record at an offset', () => {
    const text = '\na,b\r\n\n1,"x\ny"\n\n3,4';
    const table = scanCsv(text);
    const expected = [undefined, -1, -1, -1, -1, undefined, undefined, 0, 0, 0, 0, 0, 0, 0, 0, undefined, 1, 1, 1, 1];
    expect([...text, ''].map((_, offset) => table.recordAt(offset))).toEqual(expected);
  });

  it('has neither header nor records without any record', () => {
    for (const text of ['', '\n\r\n', '\uFEFF']) {
      const table = scanCsv(text);
      expect([table.hasHeader, table.header, table.recordCount, table.recordAt(0)]).toEqual([false, [], 0, undefined]);
      expect(table.problems.map(({ kind }) => kind)).toEqual(['emptyFile']);
    }
  });

  it('is the same however the scan is sliced', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 0, max: 10 }), (text, slice) => {
        const scanner = new CsvScanner(text);
        let isDone = false;
        for (let turns = 0; !isDone; turns++) {
          expect(turns).toBeLessThanOrEqual(text.length);
          isDone = scanner.advance(slice);
        }
        expect(scanner.position).toBe(text.length);
        expect(contents(scanner.finish())).toEqual(contents(scanCsv(text)));
      }),
    );
  });

  it('gives back any table that csv-stringify wrote', () => {
    fc.assert(
      fc.property(anyRows, anyDialect, (rows, dialect) => {
        const table = scanCsv(write(rows, dialect), { dialect });
        expect(readRows(table)).toEqual(rows);
        expect(table.problems.filter(({ kind }) => kind !== 'duplicateHeader')).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('agrees with csv-parse on well-formed text with blank lines and records of any length', () => {
    const line = fc.array(fc.constantFrom('a', 'b c', '"x,y"', '"q""q"', '"l\nm"', '""', ''), {
      minLength: 0,
      maxLength: 4,
    });
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 8 }),
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.boolean(),
        (lines, newline, ended) => {
          const text = lines.map((fields) => fields.join(',')).join(newline) + (ended ? newline : '');
          const expected = parse(text, { skip_empty_lines: true, relax_column_count: true, record_delimiter: newline });
          const table = scanCsv(text, { dialect: { delimiter: ',', newline, quoteAll: false } });
          expect(readRows(table)).toEqual(expected);
        },
      ),
      { numRuns: 500 },
    );
  });
});
