import { writeFile } from 'node:fs/promises';
import path from 'node:path';

/** The file of a downloaded folder that says where it comes from. */
export const DOWNLOAD_RECORD_FILE = 'caselight-download.json';

/** Raised when a field changes its meaning; fields may be added without. */
const SCHEMA_VERSION = 1;

/** A file as it was downloaded. */
export interface DownloadedFile {
  /** In the folder. */
  readonly name: string;
  /** In the repository. */
  readonly path: string;
  readonly sizeBytes: number;
  /** In hexadecimal. */
  readonly sha256: string;
}

/** Where a folder comes from, so that anyone can fetch the same bytes again. */
export interface DownloadOrigin {
  readonly repo: string;
  /** What was asked for, such as `main`. */
  readonly revision: string;
  /** What it was at that time: all files come from this commit. */
  readonly commit: string;
  readonly endpoint: string;
  readonly files: readonly DownloadedFile[];
}

/** Writes `caselight-download.json` into a folder. */
export async function writeDownloadRecord(folder: string, origin: DownloadOrigin, nowMs: number): Promise<void> {
  const { files, ...source } = origin;
  const record = { schemaVersion: SCHEMA_VERSION, ...source, downloaded: new Date(nowMs).toISOString(), files };
  await writeFile(path.join(folder, DOWNLOAD_RECORD_FILE), `${JSON.stringify(record, undefined, 2)}\n`);
}
