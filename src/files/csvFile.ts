import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { addAbortSignal, type Readable } from 'node:stream';
import type { Dialect } from '../core/csv/dialect.ts';
import { decodeField } from '../core/csv/fields.ts';
import { RecordStream, type StreamedRecord } from '../core/csv/recordStream.ts';
import { UserError } from '../core/userError.ts';
import { type ByteText, byteTextFor } from './byteText.ts';

/** Enough to tell the encoding; more than the longest byte order mark. */
const SAMPLE_BYTES = 65_536;

/** The records of a CSV file as they are read; memory does not grow with the file. */
export interface CsvFile {
  /** What to call the file in messages. */
  readonly name: string;
  readonly sizeBytes: number | undefined;
  readonly text: ByteText;
  /** The byte order mark, to be copied in front of a copy of the file. */
  readonly bom: Buffer;
  /** Names of the columns. */
  readonly header: readonly string[];
  readonly headerRecord: StreamedRecord;
  readonly dialect: Dialect;
  /** Data records in file order; can be gone through once. */
  records(): AsyncGenerator<StreamedRecord, void>;
  /** What follows the last record; known when `records` is through. */
  readonly trailing: string;
  /** Bytes of the records that were taken so far. */
  readonly bytesDone: number;
  /** The value of a field; undefined where the record has no such column. */
  value(record: StreamedRecord, column: number | undefined): string | undefined;
  close(): void;
}

/**
 * Opens a CSV file and reads its header.
 * @param path a file, or `-` for standard input
 * @param encodingName as `byteTextFor` takes it
 * @param signal ends the reading with an AbortError, also where it waits for standard input
 * @throws UserError FILE_NOT_FOUND, EMPTY_FILE, BAD_ENCODING, CSV_RECORD_TOO_LONG
 */
export async function openCsvFile(path: string, encodingName?: string, signal?: AbortSignal): Promise<CsvFile> {
  const name = path === '-' ? 'standard input' : basename(path);
  const sizeBytes = path === '-' ? undefined : await sizeOf(path, name);
  const stream: Readable = path === '-' ? process.stdin : createReadStream(path, { highWaterMark: 1 << 20 });
  if (signal) addAbortSignal(signal, stream);
  try {
    return await readHeader(stream, { name, sizeBytes }, encodingName);
  } catch (error) {
    // Standard input left open would keep the process waiting for whoever writes it.
    stream.destroy();
    throw error;
  }
}

async function readHeader(
  stream: Readable,
  { name, sizeBytes }: Pick<CsvFile, 'name' | 'sizeBytes'>,
  encodingName: string | undefined,
): Promise<CsvFile> {
  const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const first = await readSample(chunks);
  refuseWorkbook(first, name);
  const text = byteTextFor(first, encodingName);
  const decoder = text.streamDecoder();
  const scanner = new RecordStream({ bodyStart: 0 });
  let bytesDone = text.bomLength;

  async function* pieces(): AsyncGenerator<StreamedRecord, void> {
    yield* counted(scanner.push(decoder.write(first.subarray(text.bomLength))));
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
      yield* counted(scanner.push(decoder.write(next.value)));
    }
    const rest = decoder.end();
    if (rest !== '') yield* counted(scanner.push(rest));
    yield* counted(scanner.end());
    bytesDone += text.bytesPerUnit * scanner.trailing.length;
  }

  function* counted(found: readonly StreamedRecord[]): Generator<StreamedRecord, void> {
    for (const record of found) {
      yield record;
      const { leading, raw, terminator } = record;
      bytesDone += text.bytesPerUnit * (leading.length + raw.length + terminator.length);
    }
  }

  const records = pieces();
  const opening = await records.next();
  if (opening.done) {
    throw new UserError(
      'EMPTY_FILE',
      `${name} is empty: it needs a header record with the names of its columns, such as ID,Seriousness,Narrative.`,
    );
  }
  const headerRecord = opening.value;
  const value = (record: StreamedRecord, column: number | undefined): string | undefined => {
    const field = column === undefined ? undefined : record.fields[column];
    return field && text.decodeText(decodeField(record.raw, field));
  };
  return {
    name,
    sizeBytes,
    text,
    bom: first.subarray(0, text.bomLength),
    header: Array.from(headerRecord.fields.keys(), (column) => value(headerRecord, column) ?? ''),
    headerRecord,
    get dialect() {
      if (scanner.dialect === undefined) throw new Error('a record came before the dialect');
      return scanner.dialect;
    },
    records: () => records,
    get trailing() {
      return scanner.trailing;
    },
    get bytesDone() {
      return bytesDone;
    },
    value,
    close: () => stream.destroy(),
  };
}

/** @returns undefined for what has no size: a named pipe, say */
async function sizeOf(path: string, name: string): Promise<number | undefined> {
  try {
    const stats = await stat(path);
    if (stats.isFile()) {
      // Opening tells what `stat` does not: whether the file may be read.
      const handle = await open(path, 'r');
      await handle.close();
      return stats.size;
    }
    // A pipe is opened only once: its writer would take the first reader for the last.
    if (!stats.isDirectory()) return undefined;
  } catch (cause) {
    throw new UserError(
      'FILE_NOT_FOUND',
      `${name} could not be opened: check the path and that you may read the file.`,
      {
        cause,
      },
    );
  }
  throw new UserError('FILE_NOT_FOUND', `${name} is a folder: name a CSV file in it.`);
}

/** Reads until there is enough to tell the encoding, or the file ends. */
async function readSample(chunks: AsyncIterator<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (let size = 0; size < SAMPLE_BYTES; ) {
    const { value, done } = await chunks.next();
    if (done) break;
    parts.push(value);
    size += value.length;
  }
  return Buffer.concat(parts);
}

/** What a spreadsheet saves by itself is no CSV, and would only be reported as one without columns. */
function refuseWorkbook(sample: Buffer, name: string): void {
  const isZip = sample.subarray(0, 4).equals(Buffer.from('PK\u0003\u0004', 'latin1'));
  const isCompoundFile = sample.subarray(0, 4).equals(Buffer.from([0xd0, 0xcf, 0x11, 0xe0]));
  if (isZip || isCompoundFile) {
    throw new UserError(
      'BAD_ENCODING',
      `${name} is a workbook or an archive, not a CSV file: save the sheet as "CSV UTF-8" and name that file.`,
    );
  }
}
