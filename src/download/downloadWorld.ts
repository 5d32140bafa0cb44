import { setTimeout as delay } from 'node:timers/promises';

/** What a download needs of the world. */
export interface DownloadWorld {
  /** `HF_ENDPOINT`, the tokens and the proxies are read from it. */
  readonly env: NodeJS.ProcessEnv;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly nowMs: () => number;
  /** A server that sends nothing for so long is given up. */
  readonly silenceMs: number;
}

/** The one that people live in. */
export function realWorld(): DownloadWorld {
  return {
    env: process.env,
    sleep: (ms, signal) => delay(ms, undefined, { signal }),
    nowMs: () => Date.now(),
    silenceMs: 30_000,
  };
}
