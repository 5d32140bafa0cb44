import { stat } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../../core/userError.ts';
import { fileSha256 } from '../../../models/fileSha256.ts';
import { type KnownArchives, knownArchive } from './archives.ts';
import type { StepProgress } from './installProgress.ts';

export interface CheckArchiveOptions {
  /** What a person says that its SHA-256 is, in hexadecimal. */
  readonly sha256?: string | undefined;
  readonly archives: KnownArchives;
  readonly signal: AbortSignal;
  readonly onProgress: StepProgress;
}

/** An archive on this machine whose hash was checked. */
export interface CheckedArchive {
  readonly sha256: string;
  /** Of TensorFlow, where Caselight knows the archive; else the archive has to say it. */
  readonly version: string | undefined;
}

/**
 * Checks that an archive is one that Caselight knows, or the one that a person means.
 * @throws UserError BAD_ARGUMENT, FILE_NOT_FOUND, IO_ERROR, HASH_MISMATCH, UNKNOWN_ARCHIVE, CANCELLED
 */
export async function checkArchive(file: string, options: CheckArchiveOptions): Promise<CheckedArchive> {
  const name = path.basename(file);
  const expected = options.sha256?.trim().toLowerCase();
  if (expected !== undefined && !/^[0-9a-f]{64}$/.test(expected)) {
    throw new UserError('BAD_ARGUMENT', 'A SHA-256 has 64 hexadecimal digits: give the whole of it.');
  }
  const sha256 = await archiveSha256(file, options);
  const version = knownArchive(sha256, options.archives)?.version;
  if (expected !== undefined && expected !== sha256) {
    throw new UserError(
      'HASH_MISMATCH',
      `${name} has the SHA-256 ${sha256}, not the one that you gave: it is another file, or was changed on the way. Get it again, then install it.`,
    );
  }
  if (expected === undefined && version === undefined) {
    throw new UserError(
      'UNKNOWN_ARCHIVE',
      `${name} is no archive that Caselight knows; its SHA-256 is ${sha256}. Where that is what its publisher says, install it with this hash named, by --sha256 or "Enter SHA-256…".`,
    );
  }
  return { sha256, version };
}

/** @returns the SHA-256 of a file, in hexadecimal. @throws UserError FILE_NOT_FOUND, IO_ERROR, CANCELLED */
export async function archiveSha256(
  file: string,
  { signal, onProgress }: Pick<CheckArchiveOptions, 'signal' | 'onProgress'>,
): Promise<string> {
  const name = path.basename(file);
  const stats = await stat(file).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') {
      throw new UserError('FILE_NOT_FOUND', `There is no ${name}: check where it lies.`, { cause });
    }
    throw new UserError('IO_ERROR', `${name} could not be read: check that you may read it.`, { cause });
  });
  if (!stats.isFile()) throw new UserError('FILE_NOT_FOUND', `${name} is no file: name a .tar.gz or a .whl.`);
  return fileSha256(file, signal, (doneBytes) => onProgress(doneBytes, stats.size));
}
