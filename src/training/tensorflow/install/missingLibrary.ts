import { UserError } from '../../../core/userError.ts';

/** @param member path of the library in the archive */
export function missingLibrary(member: string): UserError {
  return new UserError(
    'BAD_ARCHIVE',
    `The archive has no ${member}: give the libtensorflow-cpu archive for Linux on x64, or a tensorflow-cpu wheel for it.`,
  );
}
