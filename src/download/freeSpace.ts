import { statfs } from 'node:fs/promises';
import { sizeText } from '../core/sizeText.ts';
import { UserError } from '../core/userError.ts';

/**
 * @param what what needs the room, the beginning of a sentence
 * @throws UserError IO_ERROR where the disk of a folder has less room than that
 */
export async function checkFreeSpace(folder: string, neededBytes: number, what: string): Promise<void> {
  const { blocks, bavail, bsize } = await statfs(folder);
  // Some file systems of a network do not tell their size.
  if (blocks === 0 || bavail * bsize >= neededBytes) return;
  throw new UserError(
    'IO_ERROR',
    `${what} needs ${sizeText(neededBytes)}, and the disk has ${sizeText(bavail * bsize)} free: make room, or choose another folder.`,
  );
}
