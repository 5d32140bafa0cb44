import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { throwIfCancelled } from '../core/cancellation.ts';
import { UserError } from '../core/userError.ts';
import { ContentDigest } from './contentDigest.ts';
import type { DownloadedFile } from './downloadRecord.ts';
import type { WantedFile } from './fileChoice.ts';
import { FilePart } from './filePart.ts';
import type { HubAnswer, HubClient } from './hubClient.ts';
import type { HubFile } from './hubListing.ts';
import { fileUrl } from './hubRepo.ts';
import type { PartialFolder } from './partialFolder.ts';
import type { Retries } from './retries.ts';
import { TransientFailure } from './transientFailure.ts';

/** A connection that brings at least this much is alive, however often it breaks. */
const PROGRESS_BYTES = 1 << 20;
const READ_BYTES = 1 << 20;

export interface FetchFileOptions {
  readonly client: HubClient;
  readonly retries: Retries;
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
 * @throws UserError HASH_MISMATCH where the hub serves other bytes than it lists, twice; others as `HubClient.get`
 */
export async function fetchFile(file: WantedFile, options: FetchFileOptions): Promise<FetchedFile> {
  const { client, retries, folder, onBytes } = options;
  const { signal } = client.options;
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
    for (let tries = 1; ; tries++) {
      onBytes(part.sizeBytes);
      const sha256 = (await receive(part, options)) ? part.end() : undefined;
      if (sha256 !== undefined) {
        await part.moveTo(target);
        return fetched(sha256, part.resumedBytes);
      }
      await part.restart();
      if (tries === 2) throw mismatch(file, client);
      retries.options.onNotice(`${file.path} is not the file that the hub lists; fetching it once more`);
    }
  } finally {
    await part.close();
  }
}

/** Fetches what is missing of a part. @returns false where the server's file is of another size than listed */
async function receive(part: FilePart, { client, retries, commit, onBytes }: FetchFileOptions): Promise<boolean> {
  const { file } = part;
  const url = fileUrl(client.options.repo, commit, file.path);
  while (part.sizeBytes < file.sizeBytes) {
    const sizeBefore = part.sizeBytes;
    try {
      const answer = await client.get(url, rangeHeaders(part), file.path);
      const isListed = await takeUp(answer, part);
      if (!isListed) {
        await answer.discard();
        return false;
      }
      for await (const chunk of answer.chunks()) {
        if (part.sizeBytes + chunk.length > file.sizeBytes) return false;
        await part.append(chunk);
        onBytes(part.sizeBytes);
      }
      if (part.sizeBytes < file.sizeBytes) throw interrupted(file, 'ended too early');
    } catch (error) {
      if (part.sizeBytes - sizeBefore >= PROGRESS_BYTES) retries.reset();
      await retries.wait(error);
    }
  }
  return true;
}

/** Nothing between server and file may unpack or translate: the hash is of the bytes as they are. */
function rangeHeaders({ sizeBytes, etag }: FilePart): Record<string, string> {
  return {
    'accept-encoding': 'identity',
    ...(sizeBytes > 0 ? { range: `bytes=${sizeBytes}-` } : {}),
    ...(sizeBytes > 0 && etag !== undefined ? { 'if-range': etag } : {}),
  };
}

/**
 * Makes the part ready for the body of an answer, which goes on with it (206) or is the whole file (200).
 * @returns false where the answer tells of a file of another size
 * @throws TransientFailure where the server cannot go on with the part, which is empty then
 */
async function takeUp({ status, headers, discard }: HubAnswer, part: FilePart): Promise<boolean> {
  const { file } = part;
  const etag = headers.get('etag') ?? undefined;
  // Weak validators say that the meaning is the same, not the bytes. Source: RFC 9110, 13.1.5
  const strongEtag = etag?.startsWith('"') ? etag : undefined;
  if (status !== 206 && status !== 416) {
    const length = headers.has('content-encoding') ? null : headers.get('content-length');
    if (length !== null && Number(length) !== file.sizeBytes) return false;
    await part.restart(strongEtag);
    return true;
  }
  const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get('content-range') ?? '') ?? [];
  const isSameFile = part.etag === undefined || strongEtag === undefined || part.etag === strongEtag;
  if (status === 206 && Number(start) === part.sizeBytes && isSameFile) {
    return total === '*' || Number(total) === file.sizeBytes;
  }
  await discard();
  await part.restart();
  throw interrupted(file, 'has to be begun anew');
}

function interrupted(file: HubFile, what: string): TransientFailure {
  return new TransientFailure(
    'NETWORK_FAILED',
    `${file.path} ${what}`,
    'run the download again, or try another endpoint',
  );
}

function mismatch(file: WantedFile, client: HubClient): UserError {
  return new UserError(
    'HASH_MISMATCH',
    `${file.path} came twice with another size or checksum than ${client.options.repo.endpoint} lists, and was thrown away: ` +
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
