import type { UserError } from '../core/userError.ts';
import type { FilePart } from './filePart.ts';
import type { HttpAnswer, HttpClient } from './httpClient.ts';
import type { Retries } from './retries.ts';
import { TransientFailure } from './transientFailure.ts';

/** A connection that brings at least this much is alive, however often it breaks. */
const PROGRESS_BYTES = 1 << 20;

export interface FetchPartOptions {
  readonly client: HttpClient;
  readonly retries: Retries;
  readonly url: string;
  /** What the file is called in messages. */
  readonly what: string;
  /** Bytes of the file that are here; falls where the file has to be begun anew. */
  readonly onBytes: (receivedBytes: number) => void;
  /** Called once an answer tells the size of a file whose size was not known. */
  readonly onSize?: (sizeBytes: number) => Promise<void>;
  /** Who says what the file's hash is, for a notice, such as `the hub lists`. */
  readonly saidBy: string;
  /** The error where it comes twice with another hash. */
  readonly mismatch: () => UserError;
}

/**
 * Makes a part whole, from where it is, and checks its hash.
 * @returns its SHA-256
 * @throws UserError what `mismatch` makes, where the server has other bytes, twice; others as `HttpClient.get`
 */
export async function fetchPart(part: FilePart, options: FetchPartOptions): Promise<string> {
  const { what, retries, onBytes, saidBy, mismatch } = options;
  for (let tries = 1; ; tries++) {
    onBytes(part.sizeBytes);
    const sha256 = (await receive(part, options)) ? part.end() : undefined;
    if (sha256 !== undefined) return sha256;
    await part.restart();
    if (tries === 2) throw mismatch();
    retries.options.onNotice(`${what} is not the file that ${saidBy}; fetching it once more`);
  }
}

/** Fetches what is missing of a part. @returns false where the server's file is of another size than expected */
async function receive(part: FilePart, options: FetchPartOptions): Promise<boolean> {
  const { client, retries, url, what, onBytes, onSize } = options;
  let { sizeBytes } = part.file;
  while (sizeBytes === undefined || part.sizeBytes < sizeBytes) {
    const sizeBefore = part.sizeBytes;
    try {
      const answer = await client.get(url, rangeHeaders(part), what);
      const toldBytes = await takeUp(answer, part, options);
      if (sizeBytes !== undefined && toldBytes !== undefined && toldBytes !== sizeBytes) {
        await answer.discard();
        return false;
      }
      // There is nothing behind what is here: an earlier run was stopped between the last byte and the end.
      if (answer.status === 416) {
        await answer.discard();
        return true;
      }
      if (sizeBytes === undefined && toldBytes !== undefined) await onSize?.(toldBytes);
      const endBytes: number | undefined = sizeBytes ?? toldBytes;
      for await (const chunk of answer.chunks()) {
        if (endBytes !== undefined && part.sizeBytes + chunk.length > endBytes) return false;
        await part.append(chunk);
        onBytes(part.sizeBytes);
      }
      if (endBytes !== undefined && part.sizeBytes < endBytes) throw interrupted(options, 'ended too early');
      sizeBytes = part.sizeBytes;
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
 * @returns the size of the whole file in bytes, where the answer tells
 * @throws TransientFailure where the server cannot go on with the part, which is empty then
 */
async function takeUp(
  { status, headers, discard }: HttpAnswer,
  part: FilePart,
  options: FetchPartOptions,
): Promise<number | undefined> {
  const etag = headers.get('etag') ?? undefined;
  // Weak validators say that the meaning is the same, not the bytes. Source: RFC 9110, 13.1.5
  const strongEtag = etag?.startsWith('"') ? etag : undefined;
  if (status !== 206 && status !== 416) {
    const length = headers.has('content-encoding') ? null : headers.get('content-length');
    await part.restart(strongEtag);
    return length === null ? undefined : Number(length);
  }
  const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get('content-range') ?? '') ?? [];
  const isSameFile = part.etag === undefined || strongEtag === undefined || part.etag === strongEtag;
  if (status === 416 && headers.get('content-range') === `bytes */${part.sizeBytes}` && isSameFile)
    return part.sizeBytes;
  if (status === 206 && Number(start) === part.sizeBytes && isSameFile) {
    return total === '*' ? undefined : Number(total);
  }
  await discard();
  await part.restart();
  throw interrupted(options, 'has to be begun anew');
}

function interrupted({ client, what }: FetchPartOptions, finding: string): TransientFailure {
  return new TransientFailure(
    'NETWORK_FAILED',
    `${what} ${finding}`,
    `run the download again, or try another ${client.service.address}`,
  );
}
