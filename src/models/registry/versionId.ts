import { createHash } from 'node:crypto';
import type { ModelManifest } from '../manifest.ts';

const LONGEST_SLUG = 40;
const SHORTEST_HASH = 8;
const VERSION_ID = /^[a-z0-9]+(-[a-z0-9]+)*-[0-9a-f]{8,64}$/;

/** SHA-256 over the files of a model but the manifest: versions with the same hash predict the same. */
export function contentHash({ files }: ModelManifest): string {
  return createHash('sha256')
    .update(JSON.stringify(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1))))
    .digest('hex');
}

/**
 * Id and folder name of a version: its name in lower-case ASCII, and as much of the hash of its content as it takes to differ
 * from the ids that are taken, at least 8 digits. A valid file name on every system.
 */
export function versionId(name: string, hash: string, taken: ReadonlySet<string>): string {
  const words = name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .match(/[a-z0-9]+/g) ?? ['model'];
  const slug = words.join('-').slice(0, LONGEST_SLUG).replace(/-$/, '');
  for (let length = SHORTEST_HASH; length <= hash.length; length++) {
    const id = `${slug}-${hash.slice(0, length)}`;
    if (!taken.has(id)) return id;
  }
  throw new Error(`the id of ${hash} at full length is taken`);
}

/** Whether a folder of this name can only be a version, even if its manifest cannot be read. */
export function isVersionId(name: string): boolean {
  return VERSION_ID.test(name);
}
