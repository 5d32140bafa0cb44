import type { CheckpointFile } from '../checkpointFile.ts';
import { damagedFile } from '../checkpointRefusals.ts';

const END_SIGNATURE = 0x06054b50;
const END_BYTES = 22;
const MAX_COMMENT_BYTES = 0xffff;
const LOCATOR_SIGNATURE = 0x07064b50;
const LOCATOR_BYTES = 20;
const WIDE_END_SIGNATURE = 0x06064b50;
const WIDE_END_BYTES = 56;

/** Where the central directory of a zip archive lies, in bytes, and how many entries it has. */
export interface ZipEnd {
  readonly directoryOffset: number;
  readonly directorySize: number;
  readonly entryCount: number;
}

/**
 * Finds the record at the end of a zip archive. Where there is one for ZIP64 it counts: torch.save always writes one.
 * @throws UserError BAD_CHECKPOINT if there is none, or if the directory would not lie before it
 */
export async function findZipEnd(file: CheckpointFile): Promise<ZipEnd> {
  const tailStart = Math.max(0, file.size - END_BYTES - MAX_COMMENT_BYTES - LOCATOR_BYTES);
  const tail = viewOf(await file.read(tailStart, file.size - tailStart));
  const position = endPosition(tail);
  if (position === undefined) throw damagedFile(file.name, 'it is an archive whose end is missing');
  const narrow: ZipEnd = {
    entryCount: tail.getUint16(position + 10, true),
    directorySize: tail.getUint32(position + 12, true),
    directoryOffset: tail.getUint32(position + 16, true),
  };
  const locator = position - LOCATOR_BYTES;
  const isWide = locator >= 0 && tail.getUint32(locator, true) === LOCATOR_SIGNATURE;
  const limit = isWide ? Number(tail.getBigUint64(locator + 8, true)) : tailStart + position;
  if (isWide && limit + WIDE_END_BYTES > tailStart + locator) throw misplaced(file);
  const end = isWide ? await readWideEnd(file, limit) : narrow;
  if (end.directoryOffset + end.directorySize > limit) throw misplaced(file);
  return end;
}

/** The last place where a record fits whose comment runs to the end of the file. */
function endPosition(tail: DataView): number | undefined {
  for (let position = tail.byteLength - END_BYTES; position >= 0; position--) {
    if (tail.getUint32(position, true) !== END_SIGNATURE) continue;
    if (position + END_BYTES + tail.getUint16(position + 20, true) === tail.byteLength) return position;
  }
  return undefined;
}

async function readWideEnd(file: CheckpointFile, position: number): Promise<ZipEnd> {
  const record = viewOf(await file.read(position, WIDE_END_BYTES));
  if (record.getUint32(0, true) !== WIDE_END_SIGNATURE) throw misplaced(file);
  return {
    entryCount: Number(record.getBigUint64(32, true)),
    directorySize: Number(record.getBigUint64(40, true)),
    directoryOffset: Number(record.getBigUint64(48, true)),
  };
}

function misplaced(file: CheckpointFile) {
  return damagedFile(file.name, 'the directory of its archive does not lie where its end says');
}

function viewOf(bytes: Uint8Array<ArrayBuffer>): DataView {
  return new DataView(bytes.buffer);
}
