import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { throwIfCancelled } from '../../../core/cancellation.ts';
import type { InstalledFile, LibraryName } from './installation.ts';

/** Where libraries are unpacked to, and who wants to know. */
export interface UnpackOptions {
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Called before anything is written, with the sizes of both libraries together. */
  readonly onSize: (totalBytes: number) => Promise<void>;
  /** Bytes that were written since the last call. */
  readonly onBytes: (bytes: number) => void;
}

/** A library in an archive, where it is found there. */
export interface FoundLibrary {
  readonly name: LibraryName;
  readonly sizeBytes: number;
}

/** What an archive gave. */
export interface UnpackedArchive {
  /** Of TensorFlow, where the archive says it itself. */
  readonly version: string | undefined;
  readonly files: readonly InstalledFile[];
}

/** Writes a library piece by piece, so that it never is in memory as a whole. */
export async function writeLibrary(
  { name, sizeBytes }: FoundLibrary,
  chunks: AsyncIterable<Uint8Array>,
  { folder, signal, onBytes }: UnpackOptions,
): Promise<InstalledFile> {
  const hash = createHash('sha256');
  const handle = await open(path.join(folder, name), 'wx');
  let writtenBytes = 0;
  try {
    for await (const chunk of chunks) {
      throwIfCancelled(signal);
      hash.update(chunk);
      await handle.writeFile(chunk);
      writtenBytes += chunk.length;
      onBytes(chunk.length);
    }
    if (writtenBytes !== sizeBytes) throw new Error(`${name} has ${writtenBytes} bytes instead of ${sizeBytes}`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { name, sizeBytes, sha256: hash.digest('hex') };
}
