import { statfs } from 'node:fs/promises';
import path from 'node:path';

/** Free bytes where a folder is, or is to be: of the nearest one that is there; undefined where the system does not tell. */
export async function freeDiskBytes(folder: string): Promise<number | undefined> {
  for (let place = path.resolve(folder); ; place = path.dirname(place)) {
    try {
      const { bavail, bsize } = await statfs(place);
      return bavail * bsize;
    } catch {
      if (place === path.dirname(place)) return undefined;
    }
  }
}
