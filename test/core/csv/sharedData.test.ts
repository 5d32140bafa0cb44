import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { scanCsv } from '../../../src/core/csv/csvScanner.ts';
import { RecordStream } from '../../../src/core/csv/recordStream.ts';
import { setField } from '../../../src/core/csv/setField.ts';
import { applyReplacements, readRows } from './readTable.ts';

const dataFolder = path.resolve(import.meta.dirname, '../../../../shared/data');
const isPresent = existsSync(dataFolder);
const files = isPresent
  ? readdirSync(dataFolder, { recursive: true, encoding: 'utf8' }).filter((file) => /\.[ct]sv$/.test(file))
  : [];

/** The bytes of a file as latin1 characters, one each, the way the command line reads them. */
const readBytes = (file: string): string => readFileSync(path.join(dataFolder, file), 'latin1');

describe.skipIf(!isPresent)('files of the field', () => {
  it('are there', () => {
    expect(files.length).toBeGreaterThan(0);
  });

  it.each(files)('%s has the values that csv-parse reads', (file) => {
    const text = readBytes(file);
    const table = scanCsv(text);
    const rows: string[][] = parse(text, {
      delimiter: table.dialect.delimiter,
      skip_empty_lines: true,
      relax_column_count: true,
      relax_quotes: true,
    });
    // Compared as one string, for a difference of thousands of narratives would take minutes to print.
    expect(JSON.stringify(readRows(table)) === JSON.stringify(rows)).toBe(true);
    expect(table.problemCount).toBe(0);
  });

  it.each(files)('%s comes out of a stream byte for byte', (file) => {
    const text = readBytes(file);
    const records = new RecordStream();
    let pieces = '';
    let count = 0;
    const take = (found: ReturnType<RecordStream['push']>) => {
      for (const { leading, raw, terminator } of found) pieces += leading + raw + terminator;
      count += found.length;
    };
    for (let start = 0; start < text.length; start += 10_007) take(records.push(text.slice(start, start + 10_007)));
    take(records.end());
    expect(pieces + records.trailing === text).toBe(true);
    expect(count).toBe(scanCsv(text).recordCount + 1);
  });

  it.each(files)('%s changes in one field only when one field is set', (file) => {
    const text = readBytes(file);
    const table = scanCsv(text);
    const record = table.recordCount >> 1;
    const column = table.header.length - 1;
    const replacement = setField(table, record, column, 'say "x", y');
    const after = replacement ? applyReplacements(text, [replacement]) : text;
    const rows = readRows(table);
    (rows[record + 1] ?? [])[column] = 'say "x", y';
    expect(JSON.stringify(readRows(scanCsv(after))) === JSON.stringify(rows)).toBe(true);
  });
});
