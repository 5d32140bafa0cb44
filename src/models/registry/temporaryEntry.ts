import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { isProcessToken, newProcessToken, processIsGone } from './processToken.ts';

const PREFIX = '.temporary-';
/** Whether a process of another machine still works on its files cannot be asked; no import or training takes this long. */
const ABANDONED_AFTER_MS = 7 * 24 * 60 * 60 * 1000;

/**
 * Path of a file or folder for the time of one piece of work. `removeLeftovers` takes it away should this process be killed.
 * @param prefix of its name; whoever looks for leftovers gives the same
 */
export function temporaryEntry(directory: string, prefix = PREFIX): string {
  return path.join(directory, prefix + newProcessToken());
}

/** Removes what processes that were killed left in a folder. What cannot be removed now is left for another time. */
export async function removeLeftovers(directory: string, prefix = PREFIX): Promise<void> {
  for (const name of await readdir(directory)) {
    const token = name.slice(prefix.length);
    if (!name.startsWith(prefix) || !isProcessToken(token)) continue;
    const entry = path.join(directory, name);
    if (processIsGone(token) || (await isOld(entry))) {
      await rm(entry, { recursive: true, force: true }).catch(() => {});
    }
  }
}

async function isOld(entry: string): Promise<boolean> {
  return stat(entry).then(
    ({ mtimeMs }) => Date.now() - mtimeMs > ABANDONED_AFTER_MS,
    () => false,
  );
}
