import { listFiles, modelInfo } from '@huggingface/hub';
import { UserError } from '../core/userError.ts';
import type { HttpClient } from './httpClient.ts';
import type { HubRepo } from './hubRepo.ts';
import type { Retries } from './retries.ts';

const MAX_ANSWERS = 200;
const MAX_ANSWER_BYTES = 32 << 20;

/** What the bytes of a file have to come to. */
export interface FileHash {
  /** Of the content; or git's, of `blob SIZE\0` and the content. */
  readonly algorithm: 'sha256' | 'git-sha1';
  readonly hex: string;
}

/** A file of a repository. */
export interface HubFile {
  /** In the repository, with slashes. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly hash: FileHash;
}

/** Reads what a hub says of a repository, with its own client. */
export class HubListing {
  /** The token is put in by our client: the hub's would send it to whatever address a listing goes on at. */
  readonly #request: { readonly fetch: typeof fetch; readonly hubUrl: string };

  constructor(
    readonly repo: HubRepo,
    client: HttpClient,
    retries: Retries,
  ) {
    this.#request = { fetch: hubFetch(repo, client, retries), hubUrl: repo.endpoint };
  }

  /** @returns the commit that the revision names now. @throws UserError as `HttpClient.get` */
  async commit(): Promise<string> {
    const { name, revision } = this.repo;
    const { sha } = await readable(
      modelInfo({ name, revision, additionalFields: ['sha'], ...this.#request }),
      this.repo,
    );
    if (typeof sha === 'string' && /^[0-9a-f]{40}$/.test(sha)) return sha;
    throw notAHub(this.repo);
  }

  /**
   * The files of one folder.
   * @param folder path without slashes at its ends; '' is the top
   * @throws UserError HUB_NOT_FOUND where there is no such folder, HUB_FAILED for names that lead out of it
   */
  async files(commit: string, folder = ''): Promise<HubFile[]> {
    const files: HubFile[] = [];
    const entries = listFiles({
      repo: { type: 'model', name: this.repo.name },
      revision: commit,
      ...(folder === '' ? {} : { path: folder }),
      ...this.#request,
    });
    const read = async () => {
      for await (const entry of entries) {
        checkPath(entry.path, folder, this.repo);
        if (entry.type === 'file') files.push(toFile(entry, this.repo));
      }
    };
    await readable(read(), this.repo).catch((error: unknown) => {
      // The commit is known: it is not the repository that is missing.
      const isUnlisted = folder === '' && error instanceof UserError && error.code === 'HUB_NOT_FOUND';
      throw isUnlisted ? unlisted(this.repo, error) : error;
    });
    return files;
  }
}

/** `fetch` as the hub's client takes it: whole answers, tried again where that is worth it. */
function hubFetch(repo: HubRepo, client: HttpClient, retries: Retries): typeof fetch {
  let answers = 0;
  return async (input, init) => {
    if (++answers > MAX_ANSWERS) throw notAHub(repo);
    const headers = Object.fromEntries(new Headers(init?.headers));
    return retries.run(async () => {
      const answer = await client.get(String(input), headers);
      const chunks: Uint8Array[] = [];
      let sizeBytes = 0;
      for await (const chunk of answer.chunks()) {
        sizeBytes += chunk.length;
        if (sizeBytes > MAX_ANSWER_BYTES) throw notAHub(repo);
        chunks.push(chunk);
      }
      return new Response(Buffer.concat(chunks), { headers: Object.fromEntries(answer.headers) });
    });
  };
}

/** What is not as the hub's client expects it comes from something that is no hub, such as the login page of a network. */
async function readable<T>(answer: Promise<T>, repo: HubRepo): Promise<T> {
  return answer.catch((cause: unknown) => {
    throw cause instanceof SyntaxError || cause instanceof TypeError ? notAHub(repo, cause) : cause;
  });
}

function notAHub(repo: HubRepo, cause?: unknown): UserError {
  return new UserError(
    'HUB_FAILED',
    `${repo.endpoint} does not answer as a Hugging Face hub does: check the endpoint, and that no login page of the network stands before it.`,
    { cause },
  );
}

function unlisted(repo: HubRepo, cause: unknown): UserError {
  return new UserError(
    'HUB_FAILED',
    `${repo.endpoint} knows ${repo.name} but does not list its files, as some mirrors do not: choose another endpoint, such as https://huggingface.co.`,
    { cause },
  );
}

function toFile(entry: { path: string; size: number; oid?: string; lfs?: { oid: string } }, repo: HubRepo): HubFile {
  const { path, size: sizeBytes, oid, lfs } = entry;
  const hash: FileHash =
    lfs === undefined || lfs === null
      ? { algorithm: 'git-sha1', hex: String(oid) }
      : { algorithm: 'sha256', hex: String(lfs.oid) };
  const isHash = hash.algorithm === 'sha256' ? /^[0-9a-f]{64}$/ : /^[0-9a-f]{40}$/;
  if (!isHash.test(hash.hex) || !Number.isSafeInteger(sizeBytes) || sizeBytes < 0) throw notAHub(repo);
  return { path, sizeBytes, hash };
}

/** Names in a listing become names of files here: one that leads elsewhere is an attack or a defect, and nothing is taken. */
function checkPath(path: unknown, folder: string, repo: HubRepo): void {
  const isInside =
    typeof path === 'string' &&
    path.startsWith(folder === '' ? '' : `${folder}/`) &&
    path.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && !/[\\\p{Cc}]/u.test(part));
  if (isInside) return;
  throw new UserError(
    'HUB_FAILED',
    `${repo.endpoint} lists a file of ${repo.name} under a name that leads out of its folder: do not download from this endpoint.`,
  );
}
