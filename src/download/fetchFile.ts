import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { throwIfCancelled } from '../core/cancellation.ts';
import { UserError } from '../core/userError.ts';
import { ContentDigest } from './contentDigest.ts';
import type { DownloadedFile } from './downloadRecord.ts';
import { fetchPart } from './fetchPart.ts';
import type { WantedFile } from './fileChoice.ts';
import { FilePart } from './filePart.ts';
import type { HttpClient } from './httpClient.ts';
import { fileUrl, type HubRepo } from './hubRepo.ts';
import type { PartialFolder } from './partialFolder.ts';
import type { Retries } from './retries.ts';

const READ_BYTES = 1 << 20;

export interface FetchFileOptions {
  readonly client: HttpClient;
  readonly retries: Retries;
  readonly repo: HubRepo;
  readonly commit: string;
  /** Where the part is, and where the file goes once its hash is right. */
  readonly folder: PartialFolder;
  /** Bytes of the file that are here; falls where the file has to be begun anew. */
  readonly onBytes: (receivedBytes: number) => void;
}

/** A file that is here, and right. */
export interface FetchedFile extends DownloadedFile {
  /** Bytes that were here from an earlier run. */
  readonly resumedBytes: number;
}

/**
 * Fetches one file, from where an earlier run stopped, and checks its hash.
 * @throws UserError HASH_MISMATCH where the hub serves other bytes than it lists, twice; others as `HttpClient.get`
 */
export async function fetchFile(file: WantedFile, options: FetchFileOptions): Promise<FetchedFile> {
  const { client, retries, repo, commit, folder, onBytes } = options;
  const { signal } = client.world;
  const { name, sizeBytes } = file;
  const target = path.join(folder.staged, name);
  const fetched = (sha256: string, resumedBytes: number): FetchedFile => {
    return { name, path: file.path, sizeBytes, sha256, resumedBytes };
  };
  const earlier = await sha256IfRight(file, target, signal);
  if (earlier !== undefined) {
    onBytes(sizeBytes);
    return fetched(earlier, sizeBytes);
  }
  const part = await FilePart.open(folder.path, file, signal);
  try {
    const sha256 = await fetchPart(part, {
      client,
      retries,
      url: fileUrl(repo, commit, file.path),
      what: file.path,
      onBytes,
      saidBy: 'the hub lists',
      mismatch: () => mismatch(file, repo),
    });
    await part.moveTo(target);
    return fetched(sha256, part.resumedBytes);
  } finally {
    await part.close();
  }
}

function mismatch(file: WantedFile, repo: HubRepo): UserError {
  return new UserError(
    'HASH_MISMATCH',
    `${file.path} came twice with another size or checksum than ${repo.endpoint} lists, and was thrown away: ` +
      'something on the way, such as a proxy or a mirror, changes files. Run the download again later, or from another endpoint.',
  );
}

/** The SHA-256 of a file that an earlier run finished; undefined, and no file, where there is none that is right. */
async function sha256IfRight(file: WantedFile, target: string, signal: AbortSignal): Promise<string | undefined> {
  const sizeBytes = await stat(target).then(
    (stats) => stats.size,
    () => undefined,
  );
  if (sizeBytes === file.sizeBytes) {
    const digest = new ContentDigest(file);
    for await (const chunk of createReadStream(target, { highWaterMark: READ_BYTES })) {
      throwIfCancelled(signal);
      digest.update(chunk);
    }
    const { sha256, hubHash } = digest.end();
    if (hubHash === file.hash.hex) return sha256;
  }
  await rm(target, { force: true });
  return undefined;
}
