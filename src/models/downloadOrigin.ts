import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** Where a folder was downloaded from. */
export interface DownloadOrigin {
  readonly repo: string;
  readonly commit: string;
  readonly endpoint: string;
}

/** What `caselight download` recorded in a folder; undefined where it did not make it, or the record was damaged. */
export async function downloadOrigin(directory: string): Promise<DownloadOrigin | undefined> {
  try {
    const { repo, commit, endpoint } = JSON.parse(
      await readFile(path.join(directory, 'caselight-download.json'), 'utf8'),
    ) as Record<string, unknown>;
    if (typeof repo !== 'string' || typeof commit !== 'string' || typeof endpoint !== 'string') return undefined;
    return { repo, commit, endpoint };
  } catch {
    // The record is no part of the checkpoint: without it the model works as well.
    return undefined;
  }
}
