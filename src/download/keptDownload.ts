import { readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { throwIfCancelled } from '../core/cancellation.ts';
import { accessToken } from './accessToken.ts';
import type { DownloadRequest } from './downloadModel.ts';
import { DOWNLOAD_RECORD_FILE, type DownloadOrigin } from './downloadRecord.ts';
import { type DownloadWorld, realWorld } from './downloadWorld.ts';
import { HttpClient } from './httpClient.ts';
import { hubEndpoint } from './hubEndpoint.ts';
import { HubListing } from './hubListing.ts';
import { type HubRepo, hubRepo } from './hubRepo.ts';
import { hubService } from './hubService.ts';
import { Retries } from './retries.ts';

/**
 * What an earlier download left in a folder of ours, where it is what a download would bring now: of the same hub, and of the commit
 * that the revision names now. Anything else is removed, so that the repository is fetched anew.
 * @returns undefined where the folder is not there any more, or never was
 * @throws UserError what `downloadModel` says of a hub that does not answer or refuses
 */
export async function keptDownload(
  request: DownloadRequest,
  world: DownloadWorld = realWorld(),
): Promise<DownloadOrigin | undefined> {
  const { destination, signal } = request;
  throwIfCancelled(signal);
  const repo = hubRepo(request.repo, request.revision || 'main', hubEndpoint(request.endpoint, world.env));
  const isThere = await stat(destination).then(
    () => true,
    () => false,
  );
  if (!isThere) return undefined;
  const kept = await readRecord(destination);
  const isOfHub = kept !== undefined && kept.repo === repo.name && kept.endpoint === repo.endpoint;
  if (isOfHub && (await isWhole(destination, kept)) && kept.commit === (await commitNow(repo, request, world)))
    return kept;
  await rm(destination, { recursive: true, force: true });
  return undefined;
}

/** A commit never changes: one that was asked for by its name needs no network. */
async function commitNow(repo: HubRepo, request: DownloadRequest, world: DownloadWorld): Promise<string> {
  if (/^[0-9a-f]{40}$/.test(repo.revision)) return repo.revision;
  const { signal, onNotice = () => {} } = request;
  const { env, sleep, silenceMs, nowMs } = world;
  const service = hubService(repo, accessToken(request.token, env), nowMs);
  const client = new HttpClient(service, { env, signal, silenceMs });
  try {
    return await new HubListing(repo, client, new Retries({ signal, sleep, onNotice })).commit();
  } finally {
    await client.close();
  }
}

async function readRecord(folder: string): Promise<DownloadOrigin | undefined> {
  try {
    const record = JSON.parse(
      await readFile(path.join(folder, DOWNLOAD_RECORD_FILE), 'utf8'),
    ) as Partial<DownloadOrigin>;
    return Array.isArray(record.files) ? (record as DownloadOrigin) : undefined;
  } catch {
    return undefined;
  }
}

/** Contents were checked when they came, and an import checks what it reads. */
async function isWhole(folder: string, { files }: DownloadOrigin): Promise<boolean> {
  const sizes = await Promise.all(
    files.map(({ name }) =>
      stat(path.join(folder, name)).then(
        ({ size }) => size,
        () => -1,
      ),
    ),
  );
  return files.every(({ sizeBytes }, index) => sizes[index] === sizeBytes);
}
