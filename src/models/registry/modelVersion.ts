import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { MANIFEST_FILE, type ModelManifest, readManifest } from '../manifest.ts';
import type { ModelReference, RegistryScope } from './activation.ts';
import { folderBytes } from './modelFacts.ts';
import { isVersionId } from './versionId.ts';
import { shownVersionName, uniqueName } from './versionName.ts';

/** One version of a model: a folder that never changes, under a name that may. */
export interface ModelVersion extends ModelReference {
  /** Unique among the versions of its scope. */
  readonly name: string;
  /** Absolute path of the model directory. */
  readonly directory: string;
  /** ISO 8601, UTC; of the manifest, or else when that was written. */
  readonly created: string;
  readonly sizeBytes: number;
  /** Undefined if it is damaged; the version then can only be removed. */
  readonly manifest: ModelManifest | undefined;
  /** A sentence on why the manifest cannot be read. */
  readonly damage?: string;
}

type VersionFolder = Omit<ModelVersion, 'name' | 'scope'>;

/**
 * The versions in a folder, newest first, under the names that the registry has for them or else those of their manifests.
 * Folders that are no versions are passed over.
 * @param names id to name
 */
export async function listVersions(
  directory: string,
  scope: RegistryScope,
  names: ReadonlyMap<string, string>,
): Promise<readonly ModelVersion[]> {
  const found: VersionFolder[] = [];
  for (const entry of await entriesOf(directory)) {
    if (!entry.isDirectory() || entry.name.startsWith('.')) continue;
    const folder = await describeFolder(path.join(directory, entry.name));
    if (folder !== undefined) found.push(folder);
  }
  found.sort((a, b) => compareText(b.created, a.created) || compareText(a.id, b.id));
  const named = withUniqueNames(found, names);
  return found.map((folder) => ({ ...folder, scope, name: named.get(folder.id) ?? folder.id }));
}

/** Names that were given come first; of the others the older. So whoever lists the same folders gets the same names. */
function withUniqueNames(found: readonly VersionFolder[], names: ReadonlyMap<string, string>): Map<string, string> {
  const oldestFirst = found.toReversed();
  const inOrder = [...oldestFirst.filter(({ id }) => names.has(id)), ...oldestFirst.filter(({ id }) => !names.has(id))];
  const named = new Map<string, string>();
  for (const { id, manifest } of inOrder) {
    named.set(id, uniqueName(shownVersionName(names.get(id) ?? manifest?.name ?? id), [...named.values()]));
  }
  return named;
}

/** Undefined if it is no version, or was removed meanwhile. */
async function describeFolder(directory: string): Promise<VersionFolder | undefined> {
  const id = path.basename(directory);
  let manifest: ModelManifest | undefined;
  let damage: string | undefined;
  try {
    manifest = await readManifest(directory);
    if (manifest === undefined) {
      if (!isVersionId(id)) return undefined;
      damage = `${MANIFEST_FILE} is missing: remove this version, then add the model again.`;
    }
  } catch (error) {
    damage = (error as Error).message;
  }
  try {
    const sizeBytes = await folderBytes(directory);
    const { mtime } = await lstat(manifest === undefined ? directory : path.join(directory, MANIFEST_FILE));
    const created = new Date(manifest?.created ?? mtime).toISOString();
    return { id, directory, created, sizeBytes, manifest, ...(damage === undefined ? {} : { damage }) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function entriesOf(directory: string) {
  try {
    return await readdir(directory, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
