import type { CheckpointFile } from '../checkpointFile.ts';
import { damagedFile, unsupportedFile } from '../checkpointRefusals.ts';
import { findZipEnd } from './zipEnd.ts';

const ENTRY_SIGNATURE = 0x02014b50;
const ENTRY_BYTES = 46;
const ZIP64_FIELD = 0x0001;
/** A value of 32 bits that stands for one of 64 bits in the ZIP64 field. */
const ELSEWHERE = 0xffffffff;
/** A checkpoint has an entry a tensor: some hundreds, of less than a hundred bytes each. */
const MAX_DIRECTORY_BYTES = 2 ** 22;

/** What the central directory says of one entry; numbers in bytes. */
export interface ZipEntry {
  readonly name: string;
  /** 0 for stored, 8 for deflated, others as the specification numbers them. */
  readonly method: number;
  readonly encrypted: boolean;
  readonly size: number;
  /** Size in the archive. */
  readonly packedSize: number;
  /** Where its local header begins. */
  readonly headerOffset: number;
}

/** The entries by name, and where their data has to end. */
export interface ZipDirectory {
  readonly entries: ReadonlyMap<string, ZipEntry>;
  /** Where the central directory begins. */
  readonly offset: number;
}

/**
 * Reads the central directory of a zip archive, of more than 4 GB as well. Checksums are not checked, since torch.save
 * can be told to leave them out.
 * Source: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 * @throws UserError BAD_CHECKPOINT if it is cut off, contradicts itself, or holds a name twice
 */
export async function readZipDirectory(file: CheckpointFile): Promise<ZipDirectory> {
  const end = await findZipEnd(file);
  if (end.directorySize > MAX_DIRECTORY_BYTES) {
    throw unsupportedFile(file.name, `is an archive with a directory of ${end.directorySize} bytes`);
  }
  const bytes = await file.read(end.directoryOffset, end.directorySize);
  const entries = new Map<string, ZipEntry>();
  let position = 0;
  while (position < bytes.length) {
    const { entry, length } = parseEntry(bytes.subarray(position), file.name);
    // Readers differ in which of two they take: what one of them checked another would not load.
    if (entries.has(entry.name)) throw damagedFile(file.name, 'its archive holds an entry twice');
    entries.set(entry.name, entry);
    position += length;
  }
  if (entries.size !== end.entryCount) {
    throw damagedFile(file.name, `its archive has ${entries.size} entries in place of ${end.entryCount}`);
  }
  return { entries, offset: end.directoryOffset };
}

function parseEntry(bytes: Uint8Array, fileName: string): { entry: ZipEntry; length: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < ENTRY_BYTES || view.getUint32(0, true) !== ENTRY_SIGNATURE) {
    throw damagedFile(fileName, 'the directory of its archive is not one');
  }
  const nameEnd = ENTRY_BYTES + view.getUint16(28, true);
  const extraEnd = nameEnd + view.getUint16(30, true);
  const length = extraEnd + view.getUint16(32, true);
  if (length > bytes.length) throw damagedFile(fileName, 'the directory of its archive is cut off');
  const wide = zip64Values(bytes.subarray(nameEnd, extraEnd));
  const wideOr = (value: number) => (value === ELSEWHERE ? (wide.shift() ?? value) : value);
  // The order in which the ZIP64 field holds those that are there.
  const size = wideOr(view.getUint32(24, true));
  const packedSize = wideOr(view.getUint32(20, true));
  const headerOffset = wideOr(view.getUint32(42, true));
  const name = Buffer.from(bytes.subarray(ENTRY_BYTES, nameEnd)).toString('utf8');
  const encrypted = (view.getUint16(8, true) & 1) === 1;
  return { entry: { name, method: view.getUint16(10, true), encrypted, size, packedSize, headerOffset }, length };
}

/** The values of the ZIP64 field among the extra fields of an entry, in their order; none without such a field. */
function zip64Values(extra: Uint8Array): number[] {
  const view = new DataView(extra.buffer, extra.byteOffset, extra.byteLength);
  for (let position = 0; position + 4 <= extra.length; ) {
    const start = position + 4;
    const end = start + view.getUint16(position + 2, true);
    if (view.getUint16(position, true) === ZIP64_FIELD && end <= extra.length) {
      return Array.from({ length: Math.floor((end - start) / 8) }, (_, index) =>
        Number(view.getBigUint64(start + 8 * index, true)),
      );
    }
    position = end;
  }
  return [];
}
