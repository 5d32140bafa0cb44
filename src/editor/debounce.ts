import type { Disposable } from 'vscode';

/**
 * Runs an action once after a burst of requests: `delayMs` after the last, but no later than `maxWaitMs` after the first.
 * Runs of an asynchronous action never overlap.
 */
export class Debounced implements Disposable {
  #timer: NodeJS.Timeout | undefined;
  #firstRequest: number | undefined;
  #running = false;
  #again = false;
  #disposed = false;

  constructor(
    readonly action: () => void | Promise<void>,
    readonly delayMs: number,
    readonly maxWaitMs = delayMs,
    readonly onError: (error: unknown) => void = () => {},
  ) {}

  request(): void {
    if (this.#disposed) return;
    const now = Date.now();
    this.#firstRequest ??= now;
    const wait = Math.max(0, Math.min(this.delayMs, this.#firstRequest + this.maxWaitMs - now));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#run(), wait);
  }

  dispose(): void {
    this.#disposed = true;
    clearTimeout(this.#timer);
  }

  async #run(): Promise<void> {
    if (this.#running) {
      this.#again = true;
      return;
    }
    this.#firstRequest = undefined;
    this.#running = true;
    try {
      await this.action();
    } catch (error) {
      this.onError(error);
    } finally {
      this.#running = false;
      // What was asked for during the run is done after it.
      if (this.#again) {
        this.#again = false;
        this.#firstRequest = undefined;
        this.request();
      }
    }
  }
}
