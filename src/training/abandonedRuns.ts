import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';

const ABANDONED_AFTER_MS = 30 * 24 * 60 * 60 * 1000;

/**
 * Removes the checkpoints of runs that nobody has gone on with for a month: of windows and workspaces that are no more, whose
 * request is lost with them. Does nothing where it cannot.
 * @param folder has a folder for each run
 * @param kept name of one that stays however old it is: somebody is about to go on with it
 */
export async function removeAbandonedRuns(folder: string, nowMs: number, kept?: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (name === kept) continue;
    const run = path.join(folder, name);
    // Each checkpoint that is written changes it.
    const changedMs = await stat(run).then(
      ({ mtimeMs }) => mtimeMs,
      () => nowMs,
    );
    if (nowMs - changedMs > ABANDONED_AFTER_MS) await rm(run, { recursive: true, force: true }).catch(() => {});
  }
}
