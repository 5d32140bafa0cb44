import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';

const ABANDONED_AFTER_MS = 30 * 24 * 60 * 60 * 1000;

/**
 * Removes folders of work that nobody has gone on with for a month, such as the checkpoints of a run whose window is no more, or a
 * download that was never imported. Does nothing where it cannot.
 * @param parent has a folder for each piece of work
 * @param kept name of one that stays however old it is: somebody is about to go on with it
 */
export async function removeAbandonedFolders(parent: string, nowMs: number, kept?: string): Promise<void> {
  for (const name of await readdir(parent).catch(() => [])) {
    if (name === kept) continue;
    const folder = path.join(parent, name);
    // Each file that comes into it changes it.
    const changedMs = await stat(folder).then(
      ({ mtimeMs }) => mtimeMs,
      () => nowMs,
    );
    if (nowMs - changedMs > ABANDONED_AFTER_MS) await rm(folder, { recursive: true, force: true }).catch(() => {});
  }
}
