import { mkdir, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { LOCK_FILE, lockFolder, unlockFolder } from '../../../download/folderLock.ts';
import { syncFolder } from '../../../models/stagedFolder.ts';
import { tensorFlowFolder } from './installation.ts';

const UNPACKED = 'unpacked';
const REPLACED = 'replaced';

/**
 * Where an installation is made: `tensorflow-installing` beside `tensorflow`, with a lock. A process that is killed leaves it
 * behind, and the old installation as it was; the next one clears it up.
 */
export class InstallingFolder {
  private constructor(
    readonly root: string,
    /** Also where the archive gathers while it is fetched. */
    readonly path: string,
  ) {}

  /** Where the libraries go. */
  get unpacked(): string {
    return path.join(this.path, UNPACKED);
  }

  /**
   * Takes the folder for this process.
   * @param keptPart SHA-256 of the archive of which a part may stay, to go on with it
   * @throws UserError IO_ERROR where another process installs to the same place
   */
  static async take(root: string, keptPart?: string): Promise<InstallingFolder> {
    const folder = new InstallingFolder(root, `${tensorFlowFolder(root)}-installing`);
    await mkdir(folder.path, { recursive: true });
    await lockFolder(folder.path, 'Another installation of TensorFlow');
    // Whoever was killed between the two renames of `publish`: the old installation goes back. Else this does nothing.
    await rename(path.join(folder.path, REPLACED), tensorFlowFolder(root)).catch(() => {});
    await folder.#clear(keptPart);
    await mkdir(folder.unpacked);
    return folder;
  }

  /** What was unpacked becomes the installation; the old one goes. */
  async publish(): Promise<void> {
    const [target, replaced] = [tensorFlowFolder(this.root), path.join(this.path, REPLACED)];
    await syncFolder(this.unpacked);
    const hadOne = await rename(target, replaced).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return false;
        throw error;
      },
    );
    try {
      await rename(this.unpacked, target);
    } catch (error) {
      if (hadOne) await rename(replaced, target);
      throw error;
    }
    await syncFolder(this.root);
  }

  /** Leaves the folder to the next process; it goes away where nothing is left in it. */
  async release(keptPart?: string): Promise<void> {
    await this.#clear(keptPart);
    await unlockFolder(this.path);
    // Not empty: a part is left to go on with.
    await rmdir(this.path).catch(() => {});
  }

  async #clear(keptPart?: string): Promise<void> {
    // An empty part is nothing to go on with.
    const part = await stat(path.join(this.path, `${keptPart}.part`)).catch(() => undefined);
    for (const name of await readdir(this.path)) {
      const isKept = name === LOCK_FILE || ((part?.size ?? 0) > 0 && path.parse(name).name === keptPart);
      if (!isKept) await rm(path.join(this.path, name), { recursive: true, force: true });
    }
  }
}
