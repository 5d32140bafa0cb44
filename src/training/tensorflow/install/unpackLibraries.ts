import { open } from 'node:fs/promises';
import { UserError } from '../../../core/userError.ts';
import { isSystemError } from '../../../models/stagedFolder.ts';
import { unpackTar } from './tarLibraries.ts';
import { unpackWheel } from './wheelLibraries.ts';
import type { UnpackedArchive, UnpackOptions } from './writeLibrary.ts';

/** How an archive begins. Sources: RFC 1952, 2.3.1; PKWARE APPNOTE, 4.3.7 */
const GZIP_MAGIC = '1f8b';
const ZIP_MAGIC = '504b0304';

/**
 * Unpacks both libraries of an archive into a folder, and nothing else of it.
 * @param fileName of the archive, for messages
 * @throws UserError BAD_ARCHIVE, CANCELLED; what `onSize` throws; errors of the file system as they are
 */
export async function unpackLibraries(
  file: string,
  fileName: string,
  options: UnpackOptions,
): Promise<UnpackedArchive> {
  const unpack = await readerOf(file, fileName);
  try {
    return await unpack(file, options);
  } catch (cause) {
    if (cause instanceof UserError || isSystemError(cause)) throw cause;
    throw new UserError('BAD_ARCHIVE', `${fileName} is damaged or not whole: get it again, then install it.`, {
      cause,
    });
  }
}

/** @throws UserError BAD_ARCHIVE */
async function readerOf(file: string, fileName: string): Promise<typeof unpackTar> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    const magic = buffer.subarray(0, bytesRead).toString('hex');
    if (magic === ZIP_MAGIC) return unpackWheel;
    if (magic.startsWith(GZIP_MAGIC)) return unpackTar;
  } finally {
    await handle.close();
  }
  throw new UserError(
    'BAD_ARCHIVE',
    `${fileName} is neither a .tar.gz nor a .whl: give the libtensorflow-cpu archive for Linux on x64, or a tensorflow-cpu wheel for it.`,
  );
}
