import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { throwIfCancelled } from '../../core/cancellation.ts';
import { UserError } from '../../core/userError.ts';
import { patientRename } from './patientRename.ts';
import { isProcessToken, newProcessToken, processIsGone } from './processToken.ts';
import { temporaryEntry } from './temporaryEntry.ts';

const LOCK_FOLDER = '.lock';
const FREE = 'free';
const PAUSE_MS = 15;

/** How long to wait for a lock. */
export interface LockTiming {
  /** A holder that is seen this long without a change is taken to have ended; one that is known to have ended, at once. */
  readonly staleAfterMs: number;
  /** Longer than `staleAfterMs`. */
  readonly waitAtMostMs: number;
}

export const DEFAULT_LOCK_TIMING: LockTiming = { staleAfterMs: 10_000, waitAtMostMs: 30_000 };

/** Another process took the lock over, because this one stood still for too long: what it knows may be out of date. */
export class LockLostError extends Error {
  override readonly name = 'LockLostError';
}

/**
 * Lets one process at a time change a folder. `.lock` in it holds one empty file, called `free` or after its holder; the lock
 * is taken, given back and taken over from a process that was killed by renaming this file. Whoever renames it first wins and
 * the others find it gone, so that of several that take over, one does. (The package proper-lockfile removes a stale lock and
 * makes it anew, in two steps: two may then hold it, https://github.com/moxystudio/node-proper-lockfile/issues/121; and it
 * patches `process.emit` and `fs.close`, which all extensions share.)
 */
export class RegistryLock {
  private constructor(private readonly file: string) {}

  /**
   * @param directory exists
   * @throws UserError REGISTRY_BUSY after `waitAtMostMs`, CANCELLED
   */
  static async acquire(
    directory: string,
    timing: LockTiming = DEFAULT_LOCK_TIMING,
    signal?: AbortSignal,
  ): Promise<RegistryLock> {
    const folder = path.join(directory, LOCK_FOLDER);
    const own = path.join(folder, newProcessToken());
    const startedMs = performance.now();
    let seen: { readonly holder: string; readonly sinceMs: number } | undefined;
    for (;;) {
      throwIfCancelled(signal);
      const holder = await holderOf(folder);
      const nowMs = performance.now();
      if (holder === undefined) {
        if (await create(folder, directory)) continue;
      } else {
        if (seen?.holder !== holder) seen = { holder, sinceMs: nowMs };
        const takable = holder === FREE || processIsGone(holder) || nowMs - seen.sinceMs >= timing.staleAfterMs;
        if (takable && (await renamed(path.join(folder, holder), own))) return new RegistryLock(own);
      }
      if (nowMs - startedMs > timing.waitAtMostMs) throw busy(timing.waitAtMostMs);
      await pause(PAUSE_MS * (1 + Math.random()));
    }
  }

  /** To be called right before each step that others see. @throws LockLostError */
  assertHeld(): void {
    if (!existsSync(this.file)) throw new LockLostError('The lock was taken over by another process');
  }

  /** Gives the lock back; does nothing if another process took it over. */
  async release(): Promise<void> {
    try {
      await patientRename(this.file, path.join(path.dirname(this.file), FREE));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

/** `free`, the token of the holder, or undefined if the lock has not been made. */
async function holderOf(folder: string): Promise<string | undefined> {
  try {
    return (await readdir(folder)).find((name) => name === FREE || isProcessToken(name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Makes the lock, whole in one step. @returns false if another process did */
async function create(folder: string, directory: string): Promise<boolean> {
  const temporary = temporaryEntry(directory);
  await mkdir(temporary);
  try {
    await writeFile(path.join(temporary, FREE), '');
    // An empty folder can be a leftover of a copy that dropped empty files; this fails where the lock is in it.
    await rmdir(folder).catch(() => {});
    await rename(temporary, folder);
    return true;
  } catch (error) {
    // Windows answers EPERM or EACCES where others say that the folder is not empty.
    if (['EEXIST', 'ENOTEMPTY', 'EPERM', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function renamed(from: string, to: string): Promise<boolean> {
  try {
    await patientRename(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

function busy(waitedMs: number): UserError {
  return new UserError(
    'REGISTRY_BUSY',
    `Another window has been changing the models for ${Math.round(waitedMs / 1000)} seconds: try again, or close the ` +
      `other windows and delete the folder ${LOCK_FOLDER} in the models folder.`,
  );
}
