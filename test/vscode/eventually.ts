import { setTimeout as delay } from 'node:timers/promises';

/** How long to keep trying, and how often. */
export interface Patience {
  /** Hard limit in milliseconds; 10 s unless told. */
  readonly limitMs?: number;
  /** Pause between two tries in milliseconds; 50 ms unless told. */
  readonly everyMs?: number;
}

/**
 * Tries `probe` until it gives something other than `undefined` or `false`, and resolves to that.
 *
 * @param what completes the sentence "Waited 10 s for ...", so that a failure reads by itself.
 * @param probe may throw: that counts as "not yet", and its message is told when time runs out.
 * @throws Error when the limit passes first; also while a single try hangs.
 */
export async function eventually<T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  { limitMs = 10_000, everyMs = 50 }: Patience = {},
): Promise<T> {
  const start = performance.now();
  let lastFailure: unknown;
  for (;;) {
    const leftMs = limitMs - (performance.now() - start);
    if (leftMs <= 0) break;
    try {
      const seen = await within(`one try of ${what}`, leftMs, async () => probe());
      if (seen !== undefined && seen !== false) return seen;
      lastFailure = undefined;
    } catch (failure) {
      lastFailure = failure;
    }
    await delay(everyMs);
  }
  const reason = lastFailure instanceof Error ? `; the last try said: ${lastFailure.message}` : '';
  throw new Error(`Waited ${limitMs / 1000} s for ${what}${reason}`, { cause: lastFailure });
}

/**
 * Runs `action` with a hard time limit. The action is not stopped when the limit passes: close what it works on.
 *
 * @throws Error naming `what` when `limitMs` passes first; otherwise whatever `action` throws.
 */
export async function within<T>(what: string, limitMs: number, action: () => Promise<T>): Promise<T> {
  const overrun = new AbortController();
  try {
    return await Promise.race([
      action(),
      delay(limitMs, undefined, { signal: overrun.signal }).then(() => {
        throw new Error(`${what} took longer than ${Math.round(limitMs / 100) / 10} s`);
      }),
    ]);
  } finally {
    overrun.abort();
  }
}
