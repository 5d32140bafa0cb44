import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import path from 'node:path';
import { throwIfCancelled } from '../core/cancellation.ts';
import { UserError } from '../core/userError.ts';

/**
 * SHA-256 of a file's bytes, in hexadecimal.
 * @param onBytes called with the bytes that were read so far
 * @throws UserError FILE_NOT_FOUND, IO_ERROR, or CANCELLED once the signal is aborted
 */
export async function fileSha256(
  file: string,
  signal?: AbortSignal,
  onBytes?: (doneBytes: number) => void,
): Promise<string> {
  const hash = createHash('sha256');
  let doneBytes = 0;
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
      throwIfCancelled(signal);
      hash.update(chunk as Buffer);
      doneBytes += (chunk as Buffer).length;
      onBytes?.(doneBytes);
    }
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    const name = path.basename(file);
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new UserError('FILE_NOT_FOUND', `There is no ${name}: choose a folder that holds one.`, { cause });
    }
    throw new UserError('IO_ERROR', `${name} could not be read: check that you may read it.`, { cause });
  }
  return hash.digest('hex');
}
