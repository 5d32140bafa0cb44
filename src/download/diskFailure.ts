import path from 'node:path';
import { UserError } from '../core/userError.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: free some space',
  EDQUOT: 'your share of the disk is full: free some space',
  EACCES: 'you may not write there: choose another folder',
  EPERM: 'you may not write there, or another program has a file open: close it, or choose another folder',
  EBUSY: 'another program has a file open: close it',
  EROFS: 'the disk is read-only: choose another folder',
  ENAMETOOLONG: 'its name is too long: choose a shorter one',
};

/**
 * What a failure of the file system comes to; other errors stay as they are.
 * @param then what to do once the cause is gone, the end of a sentence
 */
export function diskFailure(
  error: unknown,
  destination: string,
  then = 'run the download again, and it goes on where it stopped',
): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (error instanceof UserError || code === undefined || syscall === undefined) return error;
  const reason = REASONS[code] ?? `the system says ${code}: check the disk and the path`;
  return new UserError(
    'IO_ERROR',
    `The folder ${path.basename(destination)} could not be written; ${reason}, then ${then}.`,
    { cause: error },
  );
}
