import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { fileSha256 } from '../../models/fileSha256.ts';
import type { TrainingRun } from '../../training/trainingRun.ts';

/**
 * What the manifest says of a file that was trained on: the hash of its bytes, which anyone can compute again.
 * @param unsaved its text in the editor, where that is not what is on the disk: no file has these bytes, and the manifest says so
 * @throws UserError FILE_NOT_FOUND, IO_ERROR
 */
export async function describeData(path: string, unsaved?: string): Promise<TrainingRun['data'][number]> {
  const file = basename(path);
  if (unsaved === undefined) return { file, sha256: await fileSha256(path) };
  return { file, sha256: createHash('sha256').update(unsaved).digest('hex'), unsaved: true };
}
