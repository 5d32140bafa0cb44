import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * Cuts long loops into slices, so that the event loop of the extension host, which all extensions share, is never held
 * for long. Use: `if (slice.isOver) await slice.pause();` in the body of the loop.
 */
export class TimeSlice {
  #start = performance.now();

  /** @param budgetMs how long a slice may last */
  constructor(readonly budgetMs = 8) {}

  get isOver(): boolean {
    return performance.now() - this.#start >= this.budgetMs;
  }

  /** Gives everything else that waits its turn. */
  async pause(): Promise<void> {
    await nextTurn();
    this.#start = performance.now();
  }
}
