import { mkdir, open, readdir, realpath, rename, rm, rmdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../core/userError.ts';
import { removeLeftovers, temporaryEntry } from './registry/temporaryEntry.ts';

/** It may lie beside a person's own folders: the name says whose it is. */
const STAGING_PREFIX = '.caselight-making-';

/**
 * Does work in a new folder beside `directory`, on the same file system, which is removed however the work ends. A process that
 * is killed leaves its folder; another one removes it later.
 */
export async function stageBeside(directory: string, work: (staging: string) => Promise<void>): Promise<void> {
  const parent = path.dirname(directory);
  await mkdir(parent, { recursive: true });
  await removeLeftovers(parent, STAGING_PREFIX);
  const staging = temporaryEntry(parent, STAGING_PREFIX);
  await mkdir(staging, { mode: 0o700 });
  try {
    await work(staging);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/**
 * Makes a folder that was not there, or was empty, whole or not at all: `fill` writes into a folder beside it, which then takes
 * its name in one step. Whoever is killed meanwhile leaves nothing under that name.
 * @throws UserError OUTPUT_EXISTS, where another process may have been first; IO_ERROR; or what `fill` throws
 */
export async function makeNewFolder(directory: string, fill: (temporary: string) => Promise<void>): Promise<void> {
  try {
    // A link to an empty folder stays one.
    const target = await realpath(directory).catch(() => path.resolve(directory));
    await refuseOccupied(target);
    await stageBeside(target, async (staging) => {
      const filled = path.join(staging, 'new');
      await mkdir(filled);
      await fill(filled);
      await syncFolder(filled);
      // Only Windows does not rename over an empty folder.
      if (process.platform === 'win32') await rmdir(target).catch(() => {});
      if (await renameUnlessOccupied(filled, target)) throw occupied(target);
      await syncFolder(path.dirname(target));
    });
  } catch (error) {
    throw isSystemError(error) ? unwritable(directory, error) : error;
  }
}

/**
 * Renames a folder.
 * @returns whether it could not be, because there is something under the new name
 */
export async function renameUnlessOccupied(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return false;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    // It was there a moment ago; another process may have moved it away by now.
    if (['EEXIST', 'ENOTEMPTY'].includes(code)) return true;
    // Windows answers EPERM or EACCES where others say that the folder is not empty.
    if (['EPERM', 'EACCES'].includes(code) && (await exists(to))) return true;
    throw error;
  }
}

/** Whether the operating system refused something, as against a defect of the program. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && 'syscall' in error;
}

/** The sentence for a folder that the system does not let us write. */
export function unwritable(directory: string, cause: NodeJS.ErrnoException): UserError {
  const name = path.basename(directory);
  const reason = new Map([
    ['ENOSPC', 'the disk is full: free some space, then try again'],
    ['EDQUOT', 'your share of the disk is full: free some space, then try again'],
    ['EACCES', 'you may not write there: choose another place'],
    ['EPERM', 'you may not write there: choose another place'],
    ['EROFS', 'the disk is read-only: choose another place'],
  ]).get(cause.code ?? '');
  const sentence = reason ?? `the system says ${cause.code}: check the disk and the path, or choose another place`;
  return new UserError('IO_ERROR', `The folder ${name} could not be written, and nothing is left of it; ${sentence}.`, {
    cause,
  });
}

async function refuseOccupied(directory: string): Promise<void> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    if (error.code === 'ENOTDIR') throw occupied(directory);
    throw error;
  });
  if (names.length > 0) throw occupied(directory);
}

function occupied(directory: string): UserError {
  return new UserError(
    'OUTPUT_EXISTS',
    `There is something under the name ${path.basename(directory)} already: choose another name, or move it away first.`,
  );
}

/** Names in a folder last through a power cut only after this; Windows has no such thing. */
export async function syncFolder(directory: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
