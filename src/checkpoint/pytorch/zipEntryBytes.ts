import type { CheckpointFile } from '../checkpointFile.ts';
import { damagedFile, shownName, unsupportedFile } from '../checkpointRefusals.ts';
import type { StoredBytes } from './storedBytes.ts';
import type { ZipDirectory, ZipEntry } from './zipDirectory.ts';

const HEADER_SIGNATURE = 0x04034b50;
const HEADER_BYTES = 30;
const STORED = 0;
const DEFLATED = 8;
/** Deflate cannot do better than 258 bytes in 2 bits. Source: https://zlib.net/zlib_tech.html */
const MAX_INFLATION = 1032;

/**
 * Where the data of an entry lies, which only the header before it tells.
 * @throws UserError BAD_CHECKPOINT if the header contradicts the directory, or the entry is encrypted or packed by
 *   another method than deflate
 */
export async function locateZipEntry(
  file: CheckpointFile,
  directory: ZipDirectory,
  entry: ZipEntry,
): Promise<StoredBytes> {
  const { name, method, size, packedSize, headerOffset } = entry;
  if (entry.encrypted) throw unsupportedFile(file.name, 'is encrypted');
  if (method !== STORED && method !== DEFLATED) {
    throw unsupportedFile(file.name, `is compressed by a method that Caselight does not know (${method})`);
  }
  const nameLength = Buffer.byteLength(name);
  if (headerOffset + HEADER_BYTES + nameLength > directory.offset) throw contradiction(file, name);
  const header = await file.read(headerOffset, HEADER_BYTES + nameLength);
  const view = new DataView(header.buffer);
  const offset = headerOffset + header.length + view.getUint16(28, true);
  const agrees =
    view.getUint32(0, true) === HEADER_SIGNATURE &&
    view.getUint16(8, true) === method &&
    view.getUint16(26, true) === nameLength &&
    Buffer.from(header.subarray(HEADER_BYTES)).toString('utf8') === name &&
    offset + packedSize <= directory.offset &&
    (method === STORED ? size === packedSize : size <= packedSize * MAX_INFLATION);
  if (!agrees) throw contradiction(file, name);
  return { offset, size, deflatedSize: method === DEFLATED ? packedSize : undefined };
}

function contradiction(file: CheckpointFile, name: string) {
  return damagedFile(file.name, `the entry ${shownName(name)} of its archive does not lie where its directory says`);
}
