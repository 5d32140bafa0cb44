import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { throwIfCancelled } from '../../core/cancellation.ts';
import { verifyFiles } from '../manifest.ts';
import type { ModelVersion } from './modelVersion.ts';
import type { RegistryFolder } from './registryFolder.ts';
import { sealVersion } from './sealVersion.ts';
import { temporaryEntry } from './temporaryEntry.ts';
import { contentHash, versionId } from './versionId.ts';
import { checkVersionName, shownVersionName, uniqueName } from './versionName.ts';

/** Writes a model directory with its manifest into an empty folder; may take hours. */
export type FillVersion = (directory: string, signal?: AbortSignal) => Promise<unknown>;

/** How to add a version. */
export interface AddOptions {
  /** In place of the name in the manifest. */
  readonly name?: string;
  readonly signal?: AbortSignal;
}

/** A version that was added, or the one that was there. */
export interface AddedVersion {
  readonly version: ModelVersion;
  /** False if there was one of the same content, which is left as it is. */
  readonly isNew: boolean;
}

/**
 * Adds a version: `fill` writes into a folder of its own inside of the registry's, which takes its place there in one step. The
 * name gets a number if there is one like it: what took hours to train is not refused for its name.
 * @throws UserError BAD_NAME, MODEL_DAMAGED, BAD_MANIFEST, REGISTRY_BUSY, CANCELLED, and what `fill` throws
 */
export async function addVersion(
  folder: RegistryFolder,
  fill: FillVersion,
  { name, signal }: AddOptions = {},
): Promise<AddedVersion> {
  const typedName = name === undefined ? undefined : checkVersionName(name);
  throwIfCancelled(signal);
  const temporary = temporaryEntry(folder.directory);
  const staged = path.join(temporary, 'model');
  try {
    await mkdir(staged, { recursive: true });
    await fill(staged, signal);
    const manifest = await sealVersion(staged, signal);
    const hash = contentHash(manifest);
    const damaged = await damagedIds((await folder.read()).versions, hash, signal);
    return await folder.change(async (transaction) => {
      const { versions, state } = transaction.content;
      const same = versions.find((version) => hasContent(version, hash) && !damaged.has(version.id));
      if (same !== undefined) return { version: same, isNew: false };
      const unique = uniqueName(typedName ?? shownVersionName(manifest.name), [...state.names.values()]);
      const id = versionId(unique, hash, new Set(state.names.keys()));
      throwIfCancelled(signal);
      // The name first: nothing shows it until the folder is there.
      await transaction.save({ names: new Map(state.names).set(id, unique) });
      await transaction.publish(staged, id);
      const added = (await folder.read()).versions.find((version) => version.id === id);
      if (added === undefined) throw new Error(`the version ${id} is gone as soon as it was added`);
      return { version: added, isNew: true };
    }, signal);
  } finally {
    // What cannot be removed now goes later, as if the process had been killed.
    await rm(temporary, { recursive: true, force: true }).catch(() => {});
  }
}

/** Versions of this content whose files are no longer what they were: they are no reason not to add it again. */
async function damagedIds(
  versions: readonly ModelVersion[],
  hash: string,
  signal: AbortSignal | undefined,
): Promise<ReadonlySet<string>> {
  const damaged = new Set<string>();
  for (const version of versions) {
    if (version.manifest === undefined || !hasContent(version, hash)) continue;
    try {
      const problems = await verifyFiles(version.directory, version.manifest, signal);
      if (problems.length > 0) damaged.add(version.id);
    } catch {
      throwIfCancelled(signal);
      // It cannot be read, or another window has just deleted it.
      damaged.add(version.id);
    }
  }
  return damaged;
}

function hasContent({ manifest }: ModelVersion, hash: string): boolean {
  return manifest !== undefined && contentHash(manifest) === hash;
}
