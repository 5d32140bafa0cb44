import { Agent, type Dispatcher, fetch, ProxyAgent, type Response } from 'undici';
import { cancelled, throwIfCancelled } from '../core/cancellation.ts';
import { UserError } from '../core/userError.ts';
import { mayCarryToken } from './hubEndpoint.ts';
import { hubRefusal } from './hubRefusal.ts';
import type { HubRepo } from './hubRepo.ts';
import { networkFailure, silenceFailure } from './networkFailure.ts';
import { proxyFor } from './proxy.ts';

const MAX_REDIRECTS = 10;

/** The world a download happens in; tests have their own. */
export interface HubClientOptions {
  readonly repo: HubRepo;
  readonly token: string | undefined;
  /** Proxies are read from it. */
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** A server that sends nothing for so long is given up. */
  readonly silenceMs: number;
  readonly nowMs: () => number;
}

/** An answer whose body is still to come; it is read to its end or discarded. */
export interface HubAnswer {
  /** 2xx, or 416 where a range was asked for. */
  readonly status: number;
  readonly headers: Response['headers'];
  /** The body in pieces. @throws TransientFailure where the connection breaks, UserError CANCELLED */
  chunks(): AsyncGenerator<Uint8Array, void>;
  discard(): Promise<void>;
}

/**
 * Requests to a hub, one try each: through the proxy of the environment, with the access token where it may go, along
 * redirects. undici's own fetch: that of Node 20 knows no proxies.
 */
export class HubClient {
  readonly #dispatchers = new Map<string | undefined, Dispatcher>();
  #hasAnswered = false;

  constructor(readonly options: HubClientOptions) {}

  /**
   * @param file path in the repository that the request is for, if any; for messages
   * @throws TransientFailure what is worth another try; UserError HUB_REFUSED, HUB_NOT_FOUND, HUB_FAILED, NETWORK_FAILED, CANCELLED
   */
  async get(address: string, headers: Readonly<Record<string, string>>, file?: string): Promise<HubAnswer> {
    let url = new URL(address);
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      const { answer, sentToken } = await this.#request(url, headers);
      const { status } = answer;
      const location = answer.headers.get('location');
      if (status >= 300 && status < 400 && location !== null) {
        await answer.discard();
        url = redirected(url, location);
        continue;
      }
      if ((status >= 200 && status < 300) || (status === 416 && 'range' in headers)) return answer;
      await answer.discard();
      const { repo, token, nowMs } = this.options;
      throw hubRefusal(answer, { repo, file, url, hasToken: token !== undefined, sentToken }, nowMs());
    }
    throw new UserError('HUB_FAILED', `${url.host} redirects without end: check the endpoint.`);
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    await Promise.all([...this.#dispatchers.values()].map((dispatcher) => dispatcher.destroy()));
  }

  async #request(url: URL, headers: Readonly<Record<string, string>>) {
    const { repo, token, env, signal, silenceMs } = this.options;
    throwIfCancelled(signal);
    const proxy = proxyFor(url, env);
    const isUnseen = mayCarryToken(url, repo.endpoint) && (url.protocol === 'https:' || proxy === undefined);
    const authorization = token !== undefined && isUnseen ? `Bearer ${token}` : undefined;
    const silence = new AbortController();
    /** Waits for the server, but not for ever. */
    const heard = async <T>(promise: Promise<T>): Promise<T> => {
      const timer = setTimeout(() => silence.abort(), silenceMs);
      try {
        return await promise;
      } catch (error) {
        if (signal.aborted) throw cancelled();
        if (silence.signal.aborted) throw silenceFailure(url.host, silenceMs);
        throw networkFailure(error, url.host, { hasAnswered: this.#hasAnswered, proxied: proxy !== undefined });
      } finally {
        clearTimeout(timer);
      }
    };
    const response = await heard(
      fetch(url, {
        headers: { 'user-agent': 'caselight', ...headers, ...(authorization === undefined ? {} : { authorization }) },
        redirect: 'manual',
        dispatcher: this.#dispatcher(proxy),
        signal: AbortSignal.any([signal, silence.signal]),
      }),
    );
    this.#hasAnswered = true;
    const answer: HubAnswer = {
      status: response.status,
      headers: response.headers,
      async *chunks() {
        if (response.body === null) return;
        const reader = response.body.getReader();
        try {
          for (;;) {
            const { done, value } = await heard(reader.read());
            if (done) return;
            yield value as Uint8Array;
          }
        } finally {
          // Whoever stops in the middle has no use for the rest, nor for how it ended.
          await reader.cancel().catch(() => {});
        }
      },
      async discard() {
        // A body that broke before it was given up is as well gone.
        await response.body?.cancel().catch(() => {});
      },
    };
    return { answer, sentToken: authorization !== undefined };
  }

  #dispatcher(proxy: string | undefined): Dispatcher {
    const known = this.#dispatchers.get(proxy);
    if (known !== undefined) return known;
    // Without a tunnel for plain http: many proxies allow one for https only.
    const dispatcher = proxy === undefined ? new Agent() : new ProxyAgent({ uri: proxy, proxyTunnel: false });
    this.#dispatchers.set(proxy, dispatcher);
    return dispatcher;
  }
}

function redirected(from: URL, location: string): URL {
  if (!URL.canParse(location, from.href)) {
    throw new UserError('HUB_FAILED', `${from.host} redirects to no address: check the endpoint.`);
  }
  const to = new URL(location, from);
  if (to.protocol !== 'https:' && (to.protocol !== 'http:' || from.protocol === 'https:')) {
    throw new UserError(
      'HUB_FAILED',
      `${from.host} redirects to an address without encryption (${to.host}), which is not followed: choose another endpoint.`,
    );
  }
  return to;
}
