import { performance } from 'node:perf_hooks';
import { UserError } from '../core/userError.ts';
import type { InferenceBackend } from './backend.ts';
import type { PredictionStore } from './predictionStore.ts';

/** A text that wants a prediction. */
export interface WorkItem {
  /** SHA-256 of `text`, hexadecimal: the key of its prediction. */
  readonly hash: string;
  readonly text: string;
}

/** Something with records to predict: an open document. */
export interface WorkSource {
  /**
   * The most urgent texts without a prediction, at most `limit`; an empty list when there is nothing left. It is asked
   * anew before each portion, so that what came into view a moment ago goes first.
   */
  nextWork(limit: number): Promise<readonly WorkItem[]>;
  /** Predictions of some of its texts have arrived in the store. */
  onPredictions(): void;
}

/** Small at first, so that what is on screen is painted soon. */
const FIRST_PORTION = 16;
const PORTION = 64;
/** At most so much work is lost when the window is closed. */
const FLUSH_INTERVAL_MS = 2_000;

/**
 * Pulls texts from its sources, the most recently prioritised source first, has the backend predict them, and puts the
 * results into the store. One portion is under way at a time, so urgency is decided late and a cancellation is quick.
 */
export class PredictionPump {
  #sources: WorkSource[] = [];
  #running: Promise<void> | undefined;
  #again = false;
  #failed = false;
  #lastFlush = 0;
  readonly #abort = new AbortController();

  constructor(
    readonly backend: InferenceBackend,
    readonly store: PredictionStore,
    /** Predicting stopped. */
    readonly onError: (error: unknown) => void,
    /** Predictions could not be written to disk. */
    readonly onFlushError: (error: unknown) => void = () => {},
  ) {}

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  has(source: WorkSource): boolean {
    return this.#sources.includes(source);
  }

  /** Takes a source up, once. */
  add(source: WorkSource): void {
    if (!this.has(source)) this.#sources.unshift(source);
    this.wake();
  }

  remove(source: WorkSource): void {
    this.#sources = this.#sources.filter((other) => other !== source);
  }

  /** Its texts go before those of other sources from now on. */
  prioritise(source: WorkSource): void {
    if (!this.has(source)) return;
    this.#sources = [source, ...this.#sources.filter((other) => other !== source)];
  }

  /** There may be new work. After a failure nothing happens until `retry`: scrolling must not repeat an error. */
  wake(): void {
    if (this.#failed) return;
    this.#again = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      // A `wake` may have come between the last look for work and here.
      if (this.#again && !this.#abort.signal.aborted) this.wake();
    });
  }

  /** Takes work up again after a failure. */
  retry(): void {
    this.#failed = false;
    this.wake();
  }

  /** Resolves when there is nothing under way. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  /** Stops for good; what is under way ends without a report. */
  async dispose(): Promise<void> {
    this.#sources = [];
    this.#abort.abort();
    await this.#running;
    await this.#flush();
    await this.backend.dispose();
  }

  async #run(): Promise<void> {
    try {
      let portion = FIRST_PORTION;
      while (this.#again && !this.#abort.signal.aborted) {
        this.#again = false;
        let predicted = false;
        while (await this.#predictPortion(portion)) {
          predicted = true;
          portion = PORTION;
          if (performance.now() - this.#lastFlush > FLUSH_INTERVAL_MS) await this.#flush();
        }
        await this.#flush();
        // The same text may stand in several sources; those that were not served hear of it now.
        if (predicted) for (const source of this.#sources) source.onPredictions();
      }
    } catch (error) {
      this.#again = false;
      this.#failed = true;
      const isExpected = this.#abort.signal.aborted || (error instanceof UserError && error.code === 'CANCELLED');
      if (!isExpected) this.onError(error);
    }
  }

  /** What cannot be written is kept in memory and tried again; predicting goes on. */
  async #flush(): Promise<void> {
    this.#lastFlush = performance.now();
    await this.store.flush().catch(this.onFlushError);
  }

  /** @returns false when no source has work left */
  async #predictPortion(limit: number): Promise<boolean> {
    for (const source of [...this.#sources]) {
      const items = (await source.nextWork(limit)).filter(({ hash }) => this.store.get(hash) === undefined);
      const { signal } = this.#abort;
      if (signal.aborted) return false;
      if (items.length === 0) continue;
      await this.backend.predict(
        items.map(({ text }) => text),
        {
          signal,
          onResults: (results) => {
            for (const result of results) this.store.set((items[result.index] as WorkItem).hash, result);
            source.onPredictions();
          },
        },
      );
      return true;
    }
    return false;
  }
}
