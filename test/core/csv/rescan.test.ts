import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scanCsv } from '../../../src/core/csv/csvScanner.ts';
import type { CsvOptions } from '../../../src/core/csv/csvTable.ts';
import { SNIFFED_CHARACTERS } from '../../../src/core/csv/dialect.ts';
import { rescan } from '../../../src/core/csv/rescan.ts';
import { anyText } from './arbitraries.ts';
import { contents, readRows } from './readTable.ts';

/** Replaces characters and checks the rescan against a full scan; gives what it says was replaced. */
function edit(text: string, start: number, oldEnd: number, inserted: string, options: CsvOptions = {}) {
  const newText = text.slice(0, start) + inserted + text.slice(oldEnd);
  const old = scanCsv(text, options);
  const { table, ...replaced } = rescan(old, newText, { start, oldEnd, newEnd: start + inserted.length });
  expect(contents(table)).toEqual(contents(scanCsv(newText, options)));

  const [oldHeader, ...oldRows] = readRows(old);
  const [newHeader, ...newRows] = readRows(table);
  const { firstRecord, removedRecords, addedRecords, headerTouched } = replaced;
  expect(Math.min(firstRecord, removedRecords, addedRecords)).toBeGreaterThanOrEqual(0);
  expect(newRows.slice(0, firstRecord)).toEqual(oldRows.slice(0, firstRecord));
  expect(newRows.slice(firstRecord + addedRecords)).toEqual(oldRows.slice(firstRecord + removedRecords));
  if (!headerTouched) expect(newHeader).toEqual(oldHeader);
  return [firstRecord, removedRecords, addedRecords, headerTouched];
}

const text = 'a,b\r\n1,2\r\n3,4\r\n5,6\r\n7,8\r\n';

describe('rescan', () => {
  it.each<[string, [number, number, string], [number, number, number, boolean]]>([
    ['a character within a field', [10, 11, 'x'], [1, 1, 1, false]],
    ['nothing changed at all', [12, 12, ''], [1, 1, 1, false]],
    ['a record inserted between two', [15, 15, '9,9\r\n'], [2, 0, 1, false]],
    ['a record deleted', [10, 15, ''], [1, 1, 0, false]],
    ['two records joined', [13, 15, ''], [1, 2, 1, false]],
    ['a record split by an LF', [11, 11, '\n'], [1, 1, 2, false]],
    ['an LF taken from a CRLF, which is in no record', [14, 15, ''], [2, 0, 0, false]],
    ['a quote opened that nothing closes', [12, 12, '"'], [1, 3, 1, false]],
    ['a blank line added', [15, 15, '\r\n'], [2, 0, 0, false]],
    ['the last record extended', [25, 25, '9,9'], [4, 0, 1, false]],
    ['a header name', [0, 1, 'name'], [0, 0, 0, true]],
    ['the header deleted, so that a record takes its place', [0, 5, ''], [0, 1, 0, true]],
    ['a header inserted, so that the old one becomes a record', [0, 0, 'x,y\n'], [0, 0, 1, true]],
    ['everything deleted', [0, 25, ''], [0, 4, 0, true]],
  ])('reports %s', (_, [start, oldEnd, inserted], expected) => {
    expect(edit(text, start, oldEnd, inserted)).toEqual(expected);
  });

  it.each<[string, string, [number, number, string]]>([
    ['a byte order mark before the text', 'a,b\n1,2\n', [0, 0, '\uFEFF']],
    ['a byte order mark taken away', '\uFEFFa,b\n1,2\n', [0, 1, '']],
    ['another delimiter', 'a,b\n1,2;3\n', [1, 2, ';']],
    ['a CR before an LF that was alone', 'a,b\n1,2\n3,4', [7, 7, '\r']],
    ['an LF after a CR that was alone', 'a,b\r\r\r1,2\r3,4', [6, 6, '\n']],
    ['an opened quote closed again', 'a,b\n1,"2\n3,4\n', [8, 8, '"']],
    ['text where there was none', '', [0, 0, 'a,b\n1,2']],
    ['blank lines before the header', '\n\na,b\n1,2', [1, 1, 'x\n']],
  ])('equals a full scan after %s', (_, old, [start, oldEnd, inserted]) => {
    edit(old, start, oldEnd, inserted);
  });

  it('equals a full scan after any edit, and says rightly what is kept', () => {
    const position = fc.double({ min: 0, max: 1, noNaN: true });
    const bodyStart = fc.constantFrom(undefined, 0, 3);
    fc.assert(
      fc.property(anyText, position, position, anyText, bodyStart, (old, a, b, inserted, given) => {
        const [start, oldEnd] = [a, b].map((share) => Math.round(share * old.length)).sort((x, y) => x - y);
        edit(old, start ?? 0, oldEnd ?? 0, inserted, { bodyStart: given });
      }),
      { numRuns: 5000 },
    );
  });

  it('equals a full scan after small edits of a longer regular text', () => {
    const rows = Array.from({ length: 30 }, (_, record) => `${record},"text ${record}\nmore",x`).join('\r\n');
    const old = `id,text,label\r\n${rows}\r\n`;
    const small = fc.constantFrom('', 'x', ',', '"', '""', '\n', '\r', '\r\n', '1,2,3\n');
    fc.assert(
      fc.property(fc.nat(old.length), fc.nat(3), small, (start, removed, inserted) => {
        edit(old, start, Math.min(old.length, start + removed), inserted);
      }),
      { numRuns: 1000 },
    );
  });

  it('sniffs again only where the edit can reach the sample', () => {
    const old = `a,b\n${'1,2\n'.repeat(SNIFFED_CHARACTERS / 4)}`;
    edit(old, old.length - 2, old.length - 1, 'x');
    edit(old, 1, 2, ';');
    edit(old, SNIFFED_CHARACTERS - 1, old.length, '');
  });

  it('sniffs again where the edit puts the end of the sample within a record', () => {
    // Whole, the data record speaks for the semicolon; cut short, it has no say and the header speaks for the comma.
    const old = 'a,b,c;d\n1;'.padEnd(SNIFFED_CHARACTERS, 'x');
    expect(edit(old, old.length, old.length, 'x')).toEqual([0, 1, 1, true]);
  });

  it('keeps a dialect that was forced', () => {
    const dialect = { delimiter: ',', newline: '\n', quoteAll: false } as const;
    expect(edit('a,b\n1;2\n', 1, 2, ';', { dialect })).toEqual([0, 0, 0, true]);
  });

  it.each([
    ['beyond the old text', { start: 0, oldEnd: 9, newEnd: 9 }],
    ['that is not as long as the texts say', { start: 0, oldEnd: 1, newEnd: 1 }],
    ['whose end comes first', { start: 2, oldEnd: 1, newEnd: 2 }],
  ])('throws for a change %s', (_, change) => {
    expect(() => rescan(scanCsv('a,b'), 'a,bc', change)).toThrow(/does not turn 3 into 4 characters/);
  });
});
