import { cancelled, throwIfCancelled } from '../core/cancellation.ts';
import { TransientFailure } from './transientFailure.ts';

const MAX_FAILURES = 5;
const FIRST_DELAY_MS = 1_000;
/** A server that asks for longer is not waited for: a person decides. */
const LONGEST_WAIT_MS = 120_000;

export interface RetryOptions {
  readonly signal: AbortSignal;
  /** Ends early once the signal is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** A sentence about what failed and when it is tried again. */
  readonly onNotice: (sentence: string) => void;
}

/** Waits between tries of one thing: 1, 2, 4 and 8 seconds, or as long as the server asks. */
export class Retries {
  #failures = 0;

  constructor(readonly options: RetryOptions) {}

  /** The thing makes progress: the count begins anew. */
  reset(): void {
    this.#failures = 0;
  }

  /** Does something until it succeeds. @throws UserError */
  async run<T>(attempt: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        const result = await attempt();
        this.reset();
        return result;
      } catch (error) {
        await this.wait(error);
      }
    }
  }

  /** Returns when it is time to try again. @throws the error if it is not worth it, else what it comes to at last */
  async wait(error: unknown): Promise<void> {
    const { signal, sleep, onNotice } = this.options;
    throwIfCancelled(signal);
    if (!(error instanceof TransientFailure)) throw error;
    this.#failures++;
    const delayMs = error.options.retryAfterMs ?? FIRST_DELAY_MS * 2 ** (this.#failures - 1);
    if (this.#failures >= MAX_FAILURES || delayMs > LONGEST_WAIT_MS) throw error.final;
    onNotice(`${error.what}; trying again in ${Math.ceil(delayMs / 1000)} s`);
    await sleep(delayMs, signal).catch((cause: unknown) => {
      throw signal.aborted ? cancelled() : cause;
    });
  }
}

/**
 * Reads a `Retry-After` header: seconds, or a date. Source: RFC 9110, 10.2.3
 * @returns milliseconds from now, or undefined where there is none that can be read
 */
export function retryAfterMs(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined;
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1000;
  const dateMs = Date.parse(header);
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs);
}
