import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { throwIfCancelled } from '../core/cancellation.ts';
import { UserError, type UserErrorCode } from '../core/userError.ts';
import { accessToken } from './accessToken.ts';
import { diskFailure } from './diskFailure.ts';
import { planDownload } from './downloadPlan.ts';
import { type DownloadOrigin, writeDownloadRecord } from './downloadRecord.ts';
import { type FetchedFile, fetchFile } from './fetchFile.ts';
import type { WantedFile } from './fileChoice.ts';
import { HubClient } from './hubClient.ts';
import { hubEndpoint } from './hubEndpoint.ts';
import { HubListing } from './hubListing.ts';
import { hubRepo } from './hubRepo.ts';
import { PartialFolder } from './partialFolder.ts';
import { Retries } from './retries.ts';

/** How far a download is: of all its files together. It comes with every piece that arrives, so whoever shows it thins it out. */
export interface DownloadProgress {
  /** The file that is being fetched. */
  readonly file: string;
  /** 0-based. */
  readonly fileIndex: number;
  readonly fileCount: number;
  /** Bytes that are here, those of earlier runs among them; falls where a file has to be begun anew. */
  readonly receivedBytes: number;
  readonly totalBytes: number;
}

export interface DownloadRequest {
  /** `owner/name` on the hub. */
  readonly repo: string;
  /** Branch, tag or commit; default `main`. */
  readonly revision?: string | undefined;
  /** Address of the hub or of a mirror; default `HF_ENDPOINT`, else https://huggingface.co. */
  readonly endpoint?: string | undefined;
  /** Default `HF_TOKEN`, else `HUGGING_FACE_HUB_TOKEN`. It is sent to the endpoint only, over https or within this machine. */
  readonly token?: string | undefined;
  /** A folder that is not there, or empty. What is fetched gathers in `DESTINATION.partial`. */
  readonly destination: string;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: DownloadProgress) => void;
  /** A sentence, without its full stop, about something that went wrong and is tried again. */
  readonly onNotice?: (sentence: string) => void;
}

/** What there is now. */
export interface DownloadSummary extends DownloadOrigin {
  readonly totalBytes: number;
  /** Of them, those that were here from an earlier run. */
  readonly resumedBytes: number;
  /** Whether it is a classifier already, by its config.json, and no bare encoder. */
  readonly isClassifier: boolean;
}

/** What a download needs of the world. */
export interface DownloadWorld {
  /** `HF_ENDPOINT`, the tokens and the proxies are read from it. */
  readonly env: NodeJS.ProcessEnv;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly nowMs: () => number;
  /** A server that sends nothing for so long is given up. */
  readonly silenceMs: number;
}

/** What will not be otherwise the next time, so that nothing is kept to go on with. */
const REFUSALS: readonly UserErrorCode[] = ['UNSUPPORTED_MODEL', 'BAD_CONFIG', 'BAD_CHECKPOINT'];

/**
 * Fetches a checkpoint from a Hugging Face hub or a mirror of one: configuration, tokenizer, model card and one format of
 * weights, all of one commit, each checked against the hash that the hub lists. The destination is written whole or not at
 * all, with a record of where it comes from; a run that stopped is gone on with by the next.
 * @throws UserError BAD_ARGUMENT, OUTPUT_EXISTS, UNSUPPORTED_MODEL, BAD_CONFIG, BAD_CHECKPOINT, HUB_NOT_FOUND, HUB_REFUSED,
 * HUB_FAILED, NETWORK_FAILED, HASH_MISMATCH, IO_ERROR, CANCELLED
 */
export async function downloadModel(
  request: DownloadRequest,
  { env, sleep, nowMs, silenceMs }: DownloadWorld = realWorld(),
): Promise<DownloadSummary> {
  const { destination, signal, onProgress, onNotice = () => {} } = request;
  throwIfCancelled(signal);
  const repo = hubRepo(request.repo, request.revision || 'main', hubEndpoint(request.endpoint, env));
  const client = new HubClient({ repo, token: accessToken(request.token, env), env, signal, silenceMs, nowMs });
  const newRetries = () => new Retries({ signal, sleep, onNotice });
  try {
    const folder = await PartialFolder.take(destination);
    try {
      const listing = new HubListing(repo, client, newRetries());
      const commit = await listing.commit();
      const fetched = new Map<string, FetchedFile>();
      const fetch = async (file: WantedFile, onBytes: (bytes: number) => void) => {
        if (fetched.has(file.name)) return;
        const options = { client, retries: newRetries(), commit, folder, onBytes };
        fetched.set(file.name, await fetchFile(file, options));
      };
      const { wanted, isClassifier } = await planDownload(listing, commit, async (file) => {
        await fetch(file, () => {});
        return readFile(path.join(folder.staged, file.name), 'utf8');
      });
      await folder.keepOnly(wanted);
      await folder.checkSpace(wanted);
      const totalBytes = sum(wanted, ({ sizeBytes }) => sizeBytes);
      let finishedBytes = 0;
      for (const [fileIndex, file] of wanted.entries()) {
        const report = (bytes: number) => {
          const receivedBytes = finishedBytes + bytes;
          onProgress({ file: file.name, fileIndex, fileCount: wanted.length, receivedBytes, totalBytes });
        };
        await fetch(file, report);
        report(file.sizeBytes);
        finishedBytes += file.sizeBytes;
      }
      const resumedBytes = sum([...fetched.values()], (file) => file.resumedBytes);
      const files = [...fetched.values()].map(({ resumedBytes, ...file }) => file);
      const origin = { repo: repo.name, revision: repo.revision, commit, endpoint: repo.endpoint, files };
      await writeDownloadRecord(folder.staged, origin, nowMs());
      throwIfCancelled(signal);
      await folder.publish();
      return { ...origin, totalBytes, resumedBytes, isClassifier };
    } catch (error) {
      if (error instanceof UserError && REFUSALS.includes(error.code)) await folder.keepOnly([]);
      throw error;
    } finally {
      await folder.release();
    }
  } catch (error) {
    throw diskFailure(error, destination);
  } finally {
    await client.close();
  }
}

export function realWorld(): DownloadWorld {
  return {
    env: process.env,
    sleep: (ms, signal) => delay(ms, undefined, { signal }),
    nowMs: () => Date.now(),
    silenceMs: 30_000,
  };
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}
