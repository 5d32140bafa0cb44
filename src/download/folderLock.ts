import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../core/userError.ts';

/** Name of the file that keeps other processes out of a folder. */
export const LOCK_FILE = 'lock';

/**
 * Takes a folder for this process: two would write into the same files. A lock whose process is gone, as after a crash, does
 * not count.
 * @param what what the other process does, the beginning of a sentence
 * @throws UserError IO_ERROR where another process has it
 */
export async function lockFolder(folder: string, what: string): Promise<void> {
  const file = path.join(folder, LOCK_FILE);
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      await writeFile(file, String(process.pid), { flag: 'wx' });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (isRunning(Number(await readFile(file, 'utf8').catch(() => '')))) break;
    await rm(file, { force: true });
  }
  throw new UserError(
    'IO_ERROR',
    `${what} is under way: wait for it. If there is none, delete the file ${LOCK_FILE} in ${path.basename(folder)}.`,
  );
}

export async function unlockFolder(folder: string): Promise<void> {
  await rm(path.join(folder, LOCK_FILE), { force: true });
}

function isRunning(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is there, but belongs to someone else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
