import { performance } from 'node:perf_hooks';
import { countText } from '../core/countText.ts';

const BAR_WIDTH = 24;
const PLAIN_INTERVAL_MS = 5_000;
const BAR_INTERVAL_MS = 100;

/** Progress on standard error: a bar where it is a terminal, else a plain line now and then. */
export class Progress {
  #last = 0;
  #drawn = false;

  constructor(
    readonly what: string,
    readonly stream: NodeJS.WriteStream = process.stderr,
  ) {}

  /** A line that stays. */
  note(message: string): void {
    this.#clear();
    this.stream.write(`${message}\n`);
  }

  /**
   * @param done records so far, or what `amount` says
   * @param fraction how much of the input is read, 0 to 1; undefined where its size is unknown
   * @param amount what `done` comes to, in words
   */
  update(done: number, fraction?: number, amount = `${countText(done)} records`): void {
    const now = performance.now();
    if (now - this.#last < (this.stream.isTTY ? BAR_INTERVAL_MS : PLAIN_INTERVAL_MS)) return;
    this.#last = now;
    const share = fraction === undefined ? '' : `${Math.min(100, Math.round(fraction * 100))} %, `;
    const text = `${this.what}: ${share}${amount}`;
    if (!this.stream.isTTY) {
      this.stream.write(`${text}\n`);
      return;
    }
    const full = Math.round((fraction ?? 0) * BAR_WIDTH);
    const bar = fraction === undefined ? '' : `[${'#'.repeat(full)}${'.'.repeat(Math.max(0, BAR_WIDTH - full))}] `;
    this.stream.write(`\r${bar}${text}\u001b[K`);
    this.#drawn = true;
  }

  /** Takes the bar away. */
  end(): void {
    this.#clear();
  }

  #clear(): void {
    if (this.#drawn) this.stream.write('\r\u001b[K');
    this.#drawn = false;
  }
}
