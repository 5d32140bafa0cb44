import { chmod, lstat, open } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../core/userError.ts';
import { MANIFEST_FILE, type ModelManifest, readManifest, verifyFiles } from '../manifest.ts';

/**
 * Checks a model directory that is to become a version, flushes it to the disk and makes its files read-only.
 * @returns its manifest
 * @throws UserError MODEL_DAMAGED if a file is not what the manifest says, BAD_MANIFEST, CANCELLED
 */
export async function sealVersion(directory: string, signal?: AbortSignal): Promise<ModelManifest> {
  const manifest = await readManifest(directory);
  if (manifest === undefined) throw new Error(`a version was made without ${MANIFEST_FILE}`);
  if (!Object.hasOwn(manifest.files, 'config.json')) throw new Error('a version was made without config.json');
  const [problem] = await verifyFiles(directory, manifest, signal);
  if (problem !== undefined) {
    throw new UserError(
      'MODEL_DAMAGED',
      `${problem.file} of the new model is not what was written (${problem.kind}), so it was not kept: check the disk, then try again.`,
    );
  }
  for (const name of [...Object.keys(manifest.files), MANIFEST_FILE]) await sealFile(path.join(directory, name));
  return manifest;
}

async function sealFile(file: string): Promise<void> {
  // What a link leads to could change later.
  if (!(await lstat(file)).isFile()) throw new Error(`${path.basename(file)} of a version is not a regular file`);
  const onWindows = process.platform === 'win32';
  // Windows flushes only what may be written; there the files stay writable, since one that is not cannot be deleted.
  const handle = await open(file, onWindows ? 'r+' : 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
  if (!onWindows) await chmod(file, 0o444);
}
