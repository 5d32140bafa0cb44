import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';
import type { CheckpointFile } from '../checkpointFile.ts';
import { damagedFile, unsupportedFile } from '../checkpointRefusals.ts';

/** torch.save does not compress; a storage of a BERT that was packed again has a few hundred MB. */
const MAX_INFLATED_BYTES = 2 ** 30;
const inflate = promisify(inflateRaw);

/** A run of bytes in a file, as it is or deflated; all numbers in bytes, and inside of the file. */
export interface StoredBytes {
  /** Where it begins in the file. */
  readonly offset: number;
  /** Its length. */
  readonly size: number;
  /** Its length in the file if it is deflated; undefined if it lies there as it is. */
  readonly deflatedSize: number | undefined;
}

/**
 * Reads a part of a run of bytes, into memory of its own that begins with it.
 * @throws UserError BAD_CHECKPOINT if it does not inflate to its length, or would take more than a gibibyte
 */
export async function readStored(
  file: CheckpointFile,
  { offset, size, deflatedSize }: StoredBytes,
  begin: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  if (begin + length > size) throw new Error(`${length} bytes from ${begin} are not all in ${size} stored bytes`);
  if (deflatedSize === undefined) return file.read(offset + begin, length);
  if (size > MAX_INFLATED_BYTES) throw unsupportedFile(file.name, `holds ${size} bytes compressed in one piece`);
  const inflated = await inflateTo(file, await file.read(offset, deflatedSize), size);
  return new Uint8Array(inflated.subarray(begin, begin + length));
}

async function inflateTo(file: CheckpointFile, deflated: Uint8Array, size: number): Promise<Uint8Array> {
  let inflated: Uint8Array;
  try {
    inflated = await inflate(deflated, { maxOutputLength: Math.max(size, 1) });
  } catch (cause) {
    throw damagedFile(file.name, `a compressed part does not give ${size} bytes`, cause);
  }
  if (inflated.length === size) return inflated;
  throw damagedFile(file.name, `a compressed part gives ${inflated.length} bytes in place of ${size}`);
}
