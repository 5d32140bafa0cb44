import { mkdir, readdir, realpath, rename, rm, rmdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../core/userError.ts';
import type { WantedFile } from './fileChoice.ts';
import { PART_FILE } from './filePart.ts';
import { lockFolder, unlockFolder } from './folderLock.ts';
import { checkFreeSpace } from './freeSpace.ts';

const STAGED = 'staged';

/**
 * What a download has so far: `DESTINATION.partial`, with parts of files, whole files under `staged`, and a lock. It stays after a
 * failure, a cancel or a crash, so that the next run goes on from it, and becomes the destination by one rename.
 */
export class PartialFolder {
  private constructor(
    /** Absolute; nothing is there, or an empty folder. */
    readonly destination: string,
    /** Where the parts are. */
    readonly path: string,
  ) {}

  /** Where whole files are. */
  get staged(): string {
    return path.join(this.path, STAGED);
  }

  /**
   * Takes the folder of a destination for this process.
   * @throws UserError OUTPUT_EXISTS, or IO_ERROR where another process downloads to the same place
   */
  static async take(destination: string): Promise<PartialFolder> {
    const real = await realpath(destination).catch(() => path.resolve(destination));
    await refuseOccupied(real);
    const folder = new PartialFolder(real, `${real}.partial`);
    await mkdir(folder.staged, { recursive: true });
    await lockFolder(folder.path, 'Another download to this folder');
    return folder;
  }

  /** Removes what an earlier run left of files that are not wanted any more. */
  async keepOnly(wanted: readonly WantedFile[]): Promise<void> {
    const names = new Set(wanted.map(({ name }) => name));
    const parts = new Set(wanted.map(({ hash }) => hash.hex));
    for (const name of await readdir(this.staged)) {
      if (!names.has(name)) await rm(path.join(this.staged, name), { recursive: true, force: true });
    }
    for (const name of await readdir(this.path)) {
      if (PART_FILE.test(name) && !parts.has(path.parse(name).name)) await rm(path.join(this.path, name));
    }
  }

  /** @throws UserError IO_ERROR where the disk has no room for what is still to come */
  async checkSpace(wanted: readonly WantedFile[]): Promise<void> {
    let missingBytes = 0;
    for (const { name, hash, sizeBytes } of wanted) {
      const here = [path.join(this.staged, name), path.join(this.path, `${hash.hex}.part`)];
      const sizes = await Promise.all(here.map(sizeOf));
      missingBytes += Math.max(0, sizeBytes - Math.max(...sizes));
    }
    await checkFreeSpace(this.path, missingBytes, 'The download');
  }

  /** The whole files become the destination. @throws UserError OUTPUT_EXISTS where something came there meanwhile */
  async publish(): Promise<void> {
    await refuseOccupied(this.destination);
    // Windows renames over no folder, not even an empty one.
    await rmdir(this.destination).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    await rename(this.staged, this.destination);
    for (const name of await readdir(this.path)) {
      if (PART_FILE.test(name)) await rm(path.join(this.path, name), { force: true });
    }
  }

  /** Leaves the folder to the next process; it goes away where nothing is left in it. */
  async release(): Promise<void> {
    await unlockFolder(this.path);
    // Not empty: something is left to go on with.
    for (const folder of [this.staged, this.path]) await rmdir(folder).catch(() => {});
  }
}

async function refuseOccupied(destination: string): Promise<void> {
  const names = await readdir(destination).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    if (error.code === 'ENOTDIR') throw occupied(destination, 'is a file');
    throw error;
  });
  if (names.length > 0) throw occupied(destination, 'is a folder that is not empty');
}

function occupied(destination: string, finding: string): UserError {
  const name = path.basename(destination);
  return new UserError('OUTPUT_EXISTS', `${name} ${finding}: name a new folder, or move it away first.`);
}

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    (stats) => stats.size,
    () => 0,
  );
}
