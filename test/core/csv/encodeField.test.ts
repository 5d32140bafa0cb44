import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scanCsv } from '../../../src/core/csv/csvScanner.ts';
import type { Dialect } from '../../../src/core/csv/dialect.ts';
import { encodeField } from '../../../src/core/csv/encodeField.ts';
import { anyDialect, anyValue } from './arbitraries.ts';

const comma: Dialect = { delimiter: ',', newline: '\r\n', quoteAll: false };
const quoteAll: Dialect = { ...comma, quoteAll: true };
const bar: Dialect = { ...comma, delimiter: '|' };

describe('encodeField', () => {
  it.each([
    ['a plain value bare', 'Non-serious', comma, false, 'Non-serious'],
    ['the delimiter quoted', 'a,b', comma, false, '"a,b"'],
    ['the delimiter of another dialect bare', 'a,b', bar, false, 'a,b'],
    ['quotes doubled', 'say "hi"', comma, false, '"say ""hi"""'],
    ['a CR quoted, also where the file ends records with CRLF', 'a\rb', comma, false, '"a\rb"'],
    ['an LF quoted', 'a\nb', comma, false, '"a\nb"'],
    ['blanks bare', ' a ', comma, false, ' a '],
    ['what looks like a formula as it is', '=1+1', comma, false, '=1+1'],
    ['a plain value quoted where all is', 'a', quoteAll, false, '"a"'],
    ['an empty value bare even so', '', quoteAll, false, ''],
    ['what was quoted before quoted again', 'a', comma, true, '"a"'],
    ['an empty value quoted where it was', '', comma, true, '""'],
    ['a byte order mark quoted', '\uFEFFa', comma, false, '"\uFEFFa"'],
    ['a byte order mark of latin1 characters quoted', '\u00EF\u00BB\u00BFa', comma, false, '"\u00EF\u00BB\u00BFa"'],
  ])('writes %s', (_, value, dialect, quoted, expected) => {
    expect(encodeField(value, dialect, { quoted })).toBe(expected);
  });

  it('writes what csv-stringify writes, but for a byte order mark', () => {
    fc.assert(
      fc.property(anyValue, anyDialect, (value, dialect) => {
        fc.pre(!value.startsWith('\uFEFF'));
        const { delimiter, quoteAll: quoted } = dialect;
        const expected = stringify([[value, '']], { delimiter, quoted, eof: false });
        expect(encodeField(value, dialect) + delimiter).toBe(expected);
      }),
    );
  });

  it('is read back as the value wherever it stands', () => {
    fc.assert(
      fc.property(anyValue, anyValue, anyDialect, fc.boolean(), (first, second, dialect, quoted) => {
        const text = [first, second].map((value) => encodeField(value, dialect, { quoted })).join(dialect.delimiter);
        const table = scanCsv(text + dialect.newline + text, { dialect });
        expect(table.header).toEqual([first, second]);
        expect([table.value(0, 0), table.value(0, 1), table.recordCount]).toEqual([first, second, 1]);
      }),
    );
  });
});
