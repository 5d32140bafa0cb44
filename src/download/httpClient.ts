import { Agent, type Dispatcher, fetch, ProxyAgent, type Response } from 'undici';
import { cancelled, throwIfCancelled } from '../core/cancellation.ts';
import { UserError, type UserErrorCode } from '../core/userError.ts';
import { networkFailure, silenceFailure } from './networkFailure.ts';
import { proxyFor } from './proxy.ts';
import type { TransientFailure } from './transientFailure.ts';

const MAX_REDIRECTS = 10;

/** The world a request happens in; tests have their own. */
export interface HttpWorld {
  /** Proxies are read from it. */
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** A server that sends nothing for so long is given up. */
  readonly silenceMs: number;
}

/** Whom a client talks to. */
export interface HttpService {
  /** Of what fails on its side. */
  readonly code: UserErrorCode;
  /** What people call the address that they can change, such as `endpoint`. */
  readonly address: string;
  /** What goes into the header `Authorization` of a request that nobody on the way can read. */
  readonly authorization?: (url: URL) => string | undefined;
  /** What an answer that is no success comes to. */
  readonly refusal: (answer: Pick<HttpAnswer, 'status' | 'headers'>, asked: HttpAsked) => UserError | TransientFailure;
}

/** A request that was refused. */
export interface HttpAsked {
  /** Where it went at last, along redirects. */
  readonly url: URL;
  /** What it was for, in words of the service. */
  readonly what: string | undefined;
  readonly sentAuthorization: boolean;
}

/** An answer whose body is still to come; it is read to its end or discarded. */
export interface HttpAnswer {
  /** 2xx, or 416 where a range was asked for. */
  readonly status: number;
  readonly headers: Response['headers'];
  /** The body in pieces. @throws TransientFailure where the connection breaks, UserError CANCELLED */
  chunks(): AsyncGenerator<Uint8Array, void>;
  discard(): Promise<void>;
}

/**
 * Requests to a server, one try each: through the proxy of the environment, along redirects. undici's own fetch: that of
 * Node 20 knows no proxies.
 */
export class HttpClient {
  readonly #dispatchers = new Map<string | undefined, Dispatcher>();
  #hasAnswered = false;

  constructor(
    readonly service: HttpService,
    readonly world: HttpWorld,
  ) {}

  /**
   * @param what what the request is for, if there is more to say than its address; for messages
   * @throws TransientFailure what is worth another try; UserError NETWORK_FAILED, CANCELLED, or what the service makes of a refusal
   */
  async get(address: string, headers: Readonly<Record<string, string>>, what?: string): Promise<HttpAnswer> {
    const { code, address: addressWord } = this.service;
    let url = new URL(address);
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      const { answer, sentAuthorization } = await this.#request(url, headers);
      const { status } = answer;
      const location = answer.headers.get('location');
      if (status >= 300 && status < 400 && location !== null) {
        await answer.discard();
        url = redirected(url, location, this.service);
        continue;
      }
      if ((status >= 200 && status < 300) || (status === 416 && 'range' in headers)) return answer;
      await answer.discard();
      throw this.service.refusal(answer, { url, what, sentAuthorization });
    }
    throw new UserError(code, `${url.host} redirects without end: check the ${addressWord}.`);
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    await Promise.all([...this.#dispatchers.values()].map((dispatcher) => dispatcher.destroy()));
  }

  async #request(url: URL, headers: Readonly<Record<string, string>>) {
    const { env, signal, silenceMs } = this.world;
    throwIfCancelled(signal);
    const proxy = proxyFor(url, env);
    const isUnseen = url.protocol === 'https:' || proxy === undefined;
    const authorization = isUnseen ? this.service.authorization?.(url) : undefined;
    const silence = new AbortController();
    /** Waits for the server, but not for ever. */
    const heard = async <T>(promise: Promise<T>): Promise<T> => {
      const timer = setTimeout(() => silence.abort(), silenceMs);
      try {
        return await promise;
      } catch (error) {
        if (signal.aborted) throw cancelled();
        if (silence.signal.aborted) throw silenceFailure(url.host, silenceMs);
        throw networkFailure(error, url.host, {
          hasAnswered: this.#hasAnswered,
          proxied: proxy !== undefined,
          address: this.service.address,
        });
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
    const answer: HttpAnswer = {
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
    return { answer, sentAuthorization: authorization !== undefined };
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

function redirected(from: URL, location: string, { code, address }: HttpService): URL {
  if (!URL.canParse(location, from.href)) {
    throw new UserError(code, `${from.host} redirects to no address: check the ${address}.`);
  }
  const to = new URL(location, from);
  if (to.protocol !== 'https:' && (to.protocol !== 'http:' || from.protocol === 'https:')) {
    throw new UserError(
      code,
      `${from.host} redirects to an address without encryption (${to.host}), which is not followed: choose another ${address}.`,
    );
  }
  return to;
}
