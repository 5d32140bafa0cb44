import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import iconv from 'iconv-lite';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type CsvFile, openCsvFile } from '../../src/files/csvFile.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

/** Opens a file with these bytes. */
async function open(content: Buffer | string, encoding?: string): Promise<CsvFile> {
  const file = path.join(temporaryFolder(), 'cases.csv');
  writeFileSync(file, content);
  const csv = await openCsvFile(file, encoding);
  onTestFinished(() => csv.close());
  return csv;
}

/** Values of all records, and the bytes that reading them gives back. */
async function readThrough(csv: CsvFile): Promise<{ rows: (string | undefined)[][]; bytes: Buffer }> {
  const { headerRecord } = csv;
  const rows: (string | undefined)[][] = [];
  let raw = headerRecord.leading + headerRecord.raw + headerRecord.terminator;
  for await (const record of csv.records()) {
    raw += record.leading + record.raw + record.terminator;
    rows.push(csv.header.map((_, column) => csv.value(record, column)));
  }
  return { rows, bytes: Buffer.concat([csv.bom, csv.text.toBytes(raw + csv.trailing)]) };
}

const wide = (encoding: string, text: string) => iconv.encode(text, encoding, { addBOM: text.startsWith('\ufeff') });
const SMALL = 'ID,Text\r\n1,"naïve ""x"", 博\n😀"\n\n2,\n\n';
const ROWS = [
  ['1', 'naïve "x", 博\n😀'],
  ['2', ''],
];

describe('openCsvFile', () => {
  it.each<[string, Buffer]>([
    ['UTF-8', Buffer.from(SMALL)],
    ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${SMALL}`)],
    ['UTF-16 LE with a byte order mark', Buffer.concat([Buffer.from([0xff, 0xfe]), wide('utf-16le', SMALL)])],
    ['UTF-16 BE with a byte order mark', Buffer.concat([Buffer.from([0xfe, 0xff]), wide('utf-16be', SMALL)])],
    ['UTF-16 LE without a byte order mark', wide('utf-16le', SMALL)],
    ['UTF-16 BE without a byte order mark', wide('utf-16be', SMALL)],
  ])('reads records from %s and keeps every byte', async (_, content) => {
    const csv = await open(content);
    expect(csv.header).toEqual(['ID', 'Text']);
    const { rows, bytes } = await readThrough(csv);
    expect(rows).toEqual(ROWS);
    expect(bytes).toEqual(content);
    expect([csv.bytesDone, csv.sizeBytes]).toEqual([content.length, content.length]);
  });

  it('reads each field of a file of two encodings in its own', async () => {
    const content = Buffer.concat([Buffer.from('ID,Text\n1,é\n2,'), iconv.encode('é – 38°', 'windows-1252')]);
    const { rows, bytes } = await readThrough(await open(content));
    expect(rows).toEqual([
      ['1', 'é'],
      ['2', 'é – 38°'],
    ]);
    expect(bytes).toEqual(content);
  });

  it('reads what it is told to read', async () => {
    const content = iconv.encode('ID,Text\n1,жар\n', 'koi8-r');
    expect((await readThrough(await open(content, 'koi8-r'))).rows).toEqual([['1', 'жар']]);
  });

  it.each(['utf-8', 'utf-16le', 'utf-16be'])(
    'reads characters of %s that chunks of the file cut in two',
    async (name) => {
      // Characters of one to four bytes, over more than one chunk of a megabyte.
      const texts = Array.from({ length: 80 }, (_, i) => 'a博é😀'.repeat(2_000) + i);
      const content = wide(name, `\ufeffID,Text\n${texts.map((text, i) => `${i},${text}\n`).join('')}`);
      const { rows, bytes } = await readThrough(await open(content));
      // Compared as one, for a difference would take long to print.
      expect(rows.map(([, text]) => text).join() === texts.join()).toBe(true);
      expect(bytes.equals(content)).toBe(true);
    },
  );

  it('has no value for a column that the record, or nobody, has', async () => {
    const csv = await open('a,b\n1\n');
    const { value: record } = await csv.records().next();
    expect(record && [csv.value(record, 0), csv.value(record, 1), csv.value(record, undefined)]).toEqual([
      '1',
      undefined,
      undefined,
    ]);
  });

  it.each([
    ['no byte', ''],
    ['a byte order mark alone', '\ufeff'],
    ['blank lines only', '\n\r\n\n'],
  ])('says that a file with %s is empty', async (_, content) => {
    await expect(open(content)).rejects.toMatchObject({
      name: 'UserError',
      code: 'EMPTY_FILE',
      message: expect.stringMatching(/^cases\.csv is empty: it needs a header/),
    });
  });

  it('says that there is no such file', async () => {
    await expect(openCsvFile(path.join(temporaryFolder(), 'gone.csv'))).rejects.toMatchObject({
      code: 'FILE_NOT_FOUND',
      message: expect.stringContaining('gone.csv'),
    });
  });

  it('says that a folder is not a file', async () => {
    const folder = path.join(temporaryFolder(), 'cases');
    mkdirSync(folder);
    await expect(openCsvFile(folder)).rejects.toMatchObject({
      code: 'FILE_NOT_FOUND',
      message: expect.stringContaining('cases is a folder'),
    });
  });

  it('stops reading when it is told to', async () => {
    const file = path.join(temporaryFolder(), 'cases.csv');
    writeFileSync(file, `ID,Text\n${'1,fever\n'.repeat(500_000)}`);
    const abort = new AbortController();
    const csv = await openCsvFile(file, undefined, abort.signal);
    await csv.records().next();
    abort.abort();
    await expect(readThrough(csv)).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('says that a record is too long, and where it begins', async () => {
    const file = path.join(temporaryFolder(), 'open.csv');
    writeFileSync(file, 'ID,Text\n1,a\n2,"never closed');
    truncateSync(file, 20 * 1024 * 1024);
    const csv = await openCsvFile(file);
    onTestFinished(() => csv.close());
    await expect(readThrough(csv)).rejects.toMatchObject({
      code: 'CSV_RECORD_TOO_LONG',
      message: expect.stringContaining('begins on line 3'),
    });
  });
});
