import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitRecord } from '../../../src/core/csv/fields.ts';
import { RecordReader, TEXT_AFTER_QUOTE, UNCLOSED_QUOTE } from '../../../src/core/csv/recordReader.ts';
import { anyText } from './arbitraries.ts';

function readAll(text: string) {
  const reader = new RecordReader(',');
  const records: { start: number; end: number; terminator: string; fieldCount: number; faults: number }[] = [];
  for (let start = 0; start < text.length; start = reader.next) {
    expect(reader.read(text, start, true)).toBe(true);
    const { end, terminator, fieldCount, faults } = reader;
    records.push({ start, end, terminator, fieldCount, faults });
  }
  return records;
}

describe('RecordReader', () => {
  it.each([
    ['LF', 'a,b\nc', { end: 3, terminator: '\n', fieldCount: 2, faults: 0 }],
    ['CRLF as one terminator', 'a,b\r\nc', { end: 3, terminator: '\r\n', fieldCount: 2, faults: 0 }],
    ['CR alone', 'a,b\rc', { end: 3, terminator: '\r', fieldCount: 2, faults: 0 }],
    ['CR as the last character', 'a\r', { end: 1, terminator: '\r', fieldCount: 1, faults: 0 }],
    ['the end of the text', 'a,', { end: 2, terminator: '', fieldCount: 2, faults: 0 }],
    ['a blank line as no characters', '\na', { end: 0, terminator: '\n', fieldCount: 1, faults: 0 }],
    ['not a quoted terminator or delimiter', '"a\r\n,b",c\n', { end: 9, terminator: '\n', fieldCount: 2, faults: 0 }],
    ['not within doubled quotes', '"a""\n",b\n', { end: 8, terminator: '\n', fieldCount: 2, faults: 0 }],
    ['despite a quote within a bare field', 'a"b,c"\n,', { end: 6, terminator: '\n', fieldCount: 2, faults: 0 }],
    [
      'after text behind a closing quote',
      '"a"b,c\n',
      { end: 6, terminator: '\n', fieldCount: 2, faults: TEXT_AFTER_QUOTE },
    ],
    [
      'a quote in that text staying literal',
      '"a"b"c\n,"',
      { end: 6, terminator: '\n', fieldCount: 1, faults: TEXT_AFTER_QUOTE },
    ],
    [
      'only with the text after an unclosed quote',
      'a,"b\nc',
      { end: 6, terminator: '', fieldCount: 2, faults: UNCLOSED_QUOTE },
    ],
    ['an unclosed doubled quote', '"""', { end: 3, terminator: '', fieldCount: 1, faults: UNCLOSED_QUOTE }],
  ])('ends a record at %s', (_, text, expected) => {
    expect(readAll(text)[0]).toEqual({ start: 0, ...expected });
  });

  it('leaves a CR at the end of a piece undecided', () => {
    const reader = new RecordReader(',');
    expect(reader.read('a\r', 0, false)).toBe(false);
    expect(reader.read('\nb', 0, false)).toBe(true);
    expect([reader.next, reader.terminator, reader.end]).toEqual([1, '\r\n', -1]);
    expect(reader.read('\nb\r', 1, false)).toBe(false);
    expect(reader.read('c', 0, false)).toBe(true);
    expect([reader.next, reader.terminator, reader.end]).toEqual([0, '\r', -1]);
  });

  it('finds the same records one character at a time', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const reader = new RecordReader(',');
        const found: { next: number; terminator: string; fieldCount: number; faults: number }[] = [];
        const note = (offset: number) => {
          const { next, terminator, fieldCount, faults } = reader;
          found.push({ next: offset + next, terminator, fieldCount, faults });
        };
        let isUnderWay = false;
        for (let offset = 0; offset < text.length; offset++) {
          let from = 0;
          isUnderWay = true;
          while (from < 1 && reader.read(text.charAt(offset), from, false)) {
            note(offset);
            from = reader.next;
            isUnderWay = from < 1;
          }
        }
        if (isUnderWay && reader.read('', 0, true)) note(text.length);
        expect(found).toEqual(
          readAll(text).map(({ end, terminator, fieldCount, faults }) => ({
            next: end + terminator.length,
            terminator,
            fieldCount,
            faults,
          })),
        );
      }),
      { numRuns: 1000 },
    );
  });

  it('agrees with splitRecord on the fields and the faults', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        for (const { start, end, fieldCount, faults } of readAll(text)) {
          const { fields, unclosedQuote, textAfterQuote } = splitRecord(text, start, end, ',');
          expect(fields.length).toBe(fieldCount);
          expect(unclosedQuote !== undefined).toBe((faults & UNCLOSED_QUOTE) !== 0);
          expect(textAfterQuote !== undefined).toBe((faults & TEXT_AFTER_QUOTE) !== 0);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
