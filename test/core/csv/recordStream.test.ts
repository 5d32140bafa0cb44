import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scanCsv } from '../../../src/core/csv/csvScanner.ts';
import { type Dialect, SNIFFED_CHARACTERS } from '../../../src/core/csv/dialect.ts';
import { decodeField } from '../../../src/core/csv/fields.ts';
import { RecordStream, type RecordStreamOptions, type StreamedRecord } from '../../../src/core/csv/recordStream.ts';
import { UserError } from '../../../src/core/userError.ts';
import { anyText } from './arbitraries.ts';
import { readRows } from './readTable.ts';

const dialect: Dialect = { delimiter: ',', newline: '\n', quoteAll: false };

function stream(chunks: readonly string[], options?: RecordStreamOptions) {
  const records = new RecordStream(options);
  const found: StreamedRecord[] = chunks.flatMap((chunk) => records.push(chunk));
  found.push(...records.end());
  return { found, trailing: records.trailing, sniffed: records.dialect };
}

/** Checks a stream against the scan of the whole text. */
function expectSameAsScan(chunks: readonly string[], options: RecordStreamOptions = {}) {
  const text = chunks.join('');
  const { found, trailing, sniffed } = stream(chunks, options);
  const table = scanCsv(text, options);
  expect(found.map(({ leading, raw, terminator }) => leading + raw + terminator).join('') + trailing).toBe(text);
  expect(sniffed).toEqual(table.dialect);
  expect(found.map(({ index }) => index)).toEqual(found.map((_, position) => position - 1));
  expect(found.map(({ raw, fields }) => fields.map((field) => decodeField(raw, field)))).toEqual(readRows(table));

  const problems = found.flatMap((record) => {
    const { start } = table.recordRange(record.index);
    return record.problems.map((problem) => ({ ...problem, start: problem.start + start, end: problem.end + start }));
  });
  expect(problems).toEqual(table.problems.filter(({ kind }) => kind !== 'emptyFile'));
}

describe('RecordStream', () => {
  it('finds what a scan of the whole text finds, however it is cut into chunks', () => {
    const anyOptions = fc.record({
      bodyStart: fc.constantFrom(undefined, 0, 3),
      dialect: fc.constantFrom(undefined, { delimiter: ';', newline: '\n', quoteAll: false } as const),
    });
    fc.assert(
      fc.property(fc.array(anyText, { maxLength: 6 }), anyOptions, (chunks, options) => {
        expectSameAsScan(chunks, options);
      }),
      { numRuns: 1000 },
    );
  });

  it('finds the same one character at a time', () => {
    fc.assert(
      fc.property(anyText, fc.boolean(), (text, isForced) => {
        expectSameAsScan([...text], isForced ? { dialect } : {});
      }),
      { numRuns: 500 },
    );
  });

  it.each([-1, 0, 1])('sniffs what a scan sniffs in a text %d characters longer than the sample', (excess) => {
    // Whole, the data record speaks for the semicolon; cut short, it has no say and the header speaks for the comma.
    const text = 'a,b,c;d\n1;'.padEnd(SNIFFED_CHARACTERS + excess, 'x');
    expectSameAsScan([text.slice(0, SNIFFED_CHARACTERS), text.slice(SNIFFED_CHARACTERS)]);
    expectSameAsScan(text.match(/.{1,1000}/gs) ?? []);
  });

  it('gives records as soon as they are complete where the dialect is known', () => {
    const records = new RecordStream({ dialect });
    const rawsOf = (found: readonly StreamedRecord[]) => found.map(({ raw }) => raw);
    expect(rawsOf(records.push('a,b\n1,'))).toEqual(['a,b']);
    expect(rawsOf(records.push('"2\n'))).toEqual([]);
    expect(rawsOf(records.push('"\r'))).toEqual([]);
    expect(rawsOf(records.push('3'))).toEqual(['1,"2\n"']);
    expect(rawsOf(records.end())).toEqual(['3']);
  });

  it.each([
    [
      'a data record by its number and its first line',
      '\nid,text\r\n1,"x\ny"\n\n2,"zzzzzzzzzzzz',
      'Record 2, which begins on line 6,',
    ],
    ['the header', 'aaaaaaaaaaaaaaaaaaaaa\n', 'The header, which begins on line 1,'],
  ])('refuses %s where it is too long, whole or in pieces', (_, text, name) => {
    for (const chunks of [[text], [...text]]) {
      let error: unknown;
      try {
        stream(chunks, { dialect, maxRecordLength: 10 });
      } catch (caught) {
        error = caught;
      }
      expect(error).toBeInstanceOf(UserError);
      expect(error).toMatchObject({ code: 'CSV_RECORD_TOO_LONG', message: expect.stringContaining(name) });
      expect(String(error)).not.toMatch(/zz|aa/);
    }
  });

  it('takes a record that is just as long as allowed, its terminator not counted', () => {
    const text = 'a,b\r\n12345,7890\r\n\n\n\n';
    for (const chunks of [[text], [...text]])
      expect(stream(chunks, { dialect, maxRecordLength: 10 }).found.length).toBe(2);
  });

  it('reads a long record in many small pieces without reading any of it twice', () => {
    // Reading from the start of the record at each of these pieces would take longer than the test is given.
    const records = new RecordStream();
    records.push('id,text\n1,"');
    for (let piece = 0; piece < 400_000; piece++) records.push('twenty ""characters\n');
    const [record] = records.push('"\n');
    expect([record?.index, record?.raw.length]).toEqual([0, 20 * 400_000 + 4]);
  });

  it('takes nothing after its end', () => {
    const records = new RecordStream();
    records.end();
    expect(() => records.push('a')).toThrow(/after the end/);
    expect(() => records.end()).toThrow(/twice/);
  });
});
