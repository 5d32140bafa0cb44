import { createHash } from 'node:crypto';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** A file of a fake repository. */
export interface FakeFile {
  readonly content: Buffer;
  /** Kept as large files are: listed by SHA-256, and served by the storage behind the hub. */
  readonly lfs: boolean;
}

/** What goes wrong with one request; a request without one is answered as the hub does. */
export interface Fault {
  /** An answer without the file. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Breaks the connection after so many bytes of the body; the last of them may be lost on the way. */
  readonly cutAfter?: number;
  /** The same, once the client has them all: see `received`. */
  readonly cutOnceReceived?: number;
  /** Sends so many bytes of the body, then nothing more. */
  readonly holdAfter?: number;
  /** Other bytes than listed. */
  readonly content?: Buffer;
  /** Another validator than the usual one. */
  readonly etag?: string;
  /** Answers 200 with the whole file, whatever range is asked for. */
  readonly ignoreRange?: boolean;
  /** Answers 206 whatever `If-Range` says. */
  readonly ignoreCondition?: boolean;
}

/** A request as it came in. */
export interface SeenRequest {
  readonly host: 'hub' | 'storage';
  /** With its query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** How the answer began. */
  status: number;
  /** Bytes of the answer's body. */
  bodyBytes: number;
}

export interface HubServerOptions {
  readonly name?: string;
  readonly files: Readonly<Record<string, FakeFile | string>>;
  /** Without it the repository is not there, as on the hub. */
  readonly token?: string;
  readonly gated?: boolean;
  /** Entries of a listing before it goes on elsewhere. */
  readonly pageSize?: number;
  /** Key and certificate, to be reached by https. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

const COMMIT = '924f12e0c3db7f156a765ad53fb6b11e7afedbc8';
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const gitSha1 = (bytes: Buffer) => createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');

/**
 * A Hugging Face hub with one model on this machine, and the storage behind it on another port. Speaks what a client uses of the
 * hub's API. Source: huggingface.co/docs/hub/api and answers of huggingface.co
 */
export class HubServer {
  readonly name: string;
  readonly files: Map<string, FakeFile>;
  readonly requests: SeenRequest[] = [];
  commit = COMMIT;
  endpoint = '';
  storage = '';
  /** Where a listing goes on; undefined for this server. */
  linkTo: string | undefined;
  readonly #faults = new Map<string, Fault[]>();
  readonly #servers: Server[] = [];
  #held: { readonly path: string; readonly end: number; readonly response: ServerResponse }[] = [];

  private constructor(readonly options: HubServerOptions) {
    this.name = options.name ?? 'dmis-lab/biobert-base-cased-v1.1';
    this.files = new Map(
      Object.entries(options.files).map(([path, file]) => [
        path,
        typeof file === 'string' ? { content: Buffer.from(file), lfs: false } : file,
      ]),
    );
  }

  static async start(options: HubServerOptions): Promise<HubServer> {
    const hub = new HubServer(options);
    hub.endpoint = await hub.#listen('hub', (request, response, seen) => hub.#answer(request, response, seen));
    hub.storage = await hub.#listen('storage', (request, response, seen) => {
      hub.#serve(decodeURIComponent(request.url?.slice(1).split('?')[0] ?? ''), request, response, seen);
    });
    return hub;
  }

  /** The next requests for the bytes of a file, or for the `api`, go wrong one after the other. */
  fail(what: string, ...faults: Fault[]): void {
    this.#faults.set(what, [...(this.#faults.get(what) ?? []), ...faults]);
  }

  /** Bytes of a file that went over the wire. */
  sentBytes(path: string): number {
    const end = `/${encodeURIComponent(path)}`;
    return this.requests
      .filter(({ url }) => url.split('?')[0]?.endsWith(end))
      .reduce((sum, { bodyBytes }) => sum + bodyBytes, 0);
  }

  /** The client has so many bytes of a file: connections that waited for it are cut. */
  received(path: string, bytes: number): void {
    const isDue = (each: { path: string; end: number }) => each.path === path && bytes >= each.end;
    for (const { response } of this.#held.filter(isDue)) response.destroy();
    this.#held = this.#held.filter((each) => !isDue(each));
  }

  async close(): Promise<void> {
    for (const server of this.#servers) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  async #listen(
    host: SeenRequest['host'],
    answer: (request: IncomingMessage, response: ServerResponse, seen: SeenRequest) => unknown,
  ): Promise<string> {
    const listener = (request: IncomingMessage, response: ServerResponse) => {
      const seen: SeenRequest = { host, url: request.url ?? '', headers: request.headers, status: 0, bodyBytes: 0 };
      this.requests.push(seen);
      response.on('error', () => {});
      answer(request, response, seen);
      seen.status = response.statusCode;
    };
    const tls = host === 'hub' ? this.options.tls : undefined;
    const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
    this.#servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  #answer(request: IncomingMessage, response: ServerResponse, seen: SeenRequest): unknown {
    const url = new URL(request.url ?? '', this.endpoint);
    const { token, gated } = this.options;
    const isKnown = request.headers.authorization === `Bearer ${token}`;
    const cached = /^\/api\/resolve-cache\/(.+)$/.exec(url.pathname)?.[1];
    if (cached !== undefined) return this.#serve(decodeURIComponent(cached), request, response, seen);
    if (url.pathname.startsWith('/api/') && this.#refuse(this.#faults.get('api')?.shift(), response)) return;
    const path = url.pathname.replace(/^\/api\/models/, '').split('/');
    const [, owner, name, verb, revision = '', ...rest] = path.map(decodeURIComponent);
    const error = (status: number, code: string) =>
      response.writeHead(status, { 'content-type': 'application/json', 'x-error-code': code }).end('{"error":"no"}');
    if (`${owner}/${name}` !== this.name || (token !== undefined && !gated && !isKnown))
      return error(request.headers.authorization === undefined ? 401 : 404, 'RepoNotFound');
    if (revision !== 'main' && revision !== this.commit) return error(404, 'RevisionNotFound');
    if (verb === 'revision')
      return this.#json(response, { _id: '1', id: this.name, sha: this.commit, gated: gated === true });
    if (verb === 'tree') return this.#tree(rest.join('/'), url, response);
    if (gated && !isKnown) return error(request.headers.authorization === undefined ? 401 : 403, 'GatedRepo');
    const file = this.files.get(rest.join('/'));
    if (file === undefined) return error(404, 'EntryNotFound');
    const place = encodeURIComponent(rest.join('/'));
    const hash = file.lfs ? sha256(file.content) : gitSha1(file.content);
    response.writeHead(file.lfs ? 302 : 307, {
      location: file.lfs ? `${this.storage}/${place}?X-Amz-Signature=s3cret` : `/api/resolve-cache/${place}`,
      'x-repo-commit': this.commit,
      'x-linked-etag': `"${hash}"`,
      'x-linked-size': String(file.content.length),
    });
    response.end('Found. Redirecting');
  }

  /** Source: huggingface.co/docs/hub/api, GET /api/models/{repo}/tree/{revision}/{path} */
  #tree(folder: string, url: URL, response: ServerResponse): void {
    const inside = [...this.files].filter(([path]) => folder === '' || path.startsWith(`${folder}/`));
    if (inside.length === 0) {
      response.writeHead(404, { 'x-error-code': 'EntryNotFound' }).end();
      return;
    }
    const depth = folder === '' ? 0 : folder.split('/').length;
    const entries = inside.map(([path, { content, lfs }]) => {
      const parts = path.split('/');
      if (parts.length > depth + 1 && !parts.includes('..'))
        return { type: 'directory', oid: gitSha1(content), size: 0, path: parts.slice(0, depth + 1).join('/') };
      const large = { oid: sha256(content), size: content.length, pointerSize: 134 };
      return { type: 'file', oid: gitSha1(content), size: content.length, ...(lfs ? { lfs: large } : {}), path };
    });
    const start = Number(url.searchParams.get('cursor') ?? 0);
    const end = start + (this.options.pageSize ?? 1000);
    url.searchParams.set('cursor', String(end));
    if (end < entries.length)
      response.setHeader('link', `<${this.linkTo ?? this.endpoint}${url.pathname}${url.search}>; rel="next"`);
    this.#json(response, entries.slice(start, end));
  }

  #json(response: ServerResponse, value: unknown): void {
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(value));
  }

  #refuse(fault: Fault | undefined, response: ServerResponse): boolean {
    if (fault?.status === undefined) return false;
    response.writeHead(fault.status, fault.headers).end('no');
    return true;
  }

  /** The bytes of a file, from where they are asked for. */
  #serve(path: string, request: IncomingMessage, response: ServerResponse, seen: SeenRequest): void {
    const fault = this.#faults.get(path)?.shift() ?? {};
    if (this.#refuse(fault, response)) return;
    const content = fault.content ?? this.files.get(path)?.content ?? Buffer.alloc(0);
    const etag = fault.etag ?? `"${sha256(content).slice(0, 32)}"`;
    const [, from] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
    const condition = request.headers['if-range'];
    const isRange =
      from !== undefined &&
      !fault.ignoreRange &&
      (fault.ignoreCondition || condition === undefined || condition === etag);
    const start = isRange ? Number(from) : 0;
    if (isRange && start >= content.length) {
      response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end();
      return;
    }
    const body = content.subarray(start);
    response.writeHead(isRange ? 206 : 200, {
      etag,
      'content-length': body.length,
      ...(isRange ? { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` } : {}),
      ...fault.headers,
    });
    const limit = fault.cutAfter ?? fault.cutOnceReceived ?? fault.holdAfter;
    const sent = limit === undefined ? body : body.subarray(0, limit);
    seen.bodyBytes = sent.length;
    if (limit === undefined) response.end(sent);
    else response.write(sent, () => (fault.cutAfter !== undefined || sent.length === 0) && response.destroy());
    if (fault.cutOnceReceived) this.#held.push({ path, end: start + sent.length, response });
    response.flushHeaders();
  }
}
