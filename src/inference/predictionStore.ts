import { appendFile, mkdir, readFile, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { TextResult } from './backend.ts';
import { TimeSlice } from './timeSlice.ts';

/** What is remembered of a prediction: enough to show it again without running the model. */
export type StoredResult = Pick<TextResult, 'logits' | 'truncated' | 'tokenCount'>;

// A file is a run of equal entries: 32 bytes of SHA-256, logits (float32), token count (uint16), truncated (uint16).
const HASH_BYTES = 32;
const TAIL_BYTES = 4;
/** About 50 MB with three classes; beyond it the file is begun anew, since predictions can be made again. */
const MAX_ENTRIES = 1_000_000;
/** Node writes no more than 512 KiB at once. */
const WRITE_BYTES = 256 * 1024;

/**
 * Predictions of one model at one precision and maximum length, keyed by the SHA-256 of the narrative, in memory and in an
 * append-only file. The file holds hashes and numbers, never text. Two windows may append to it at the same time; an entry
 * torn by a crash is dropped.
 */
export class PredictionStore {
  readonly #results = new Map<string, StoredResult>();
  readonly #unsaved: Buffer[] = [];
  #writing: Promise<void> = Promise.resolve();

  private constructor(
    readonly path: string,
    readonly labelCount: number,
  ) {}

  /**
   * Opens the file, or starts an empty store where there is none or it is damaged.
   * @param onError told why the file cannot be used; the store then works in memory
   */
  static async open(
    path: string,
    labelCount: number,
    onError: (error: unknown) => void = () => {},
  ): Promise<PredictionStore> {
    const store = new PredictionStore(path, labelCount);
    try {
      await mkdir(dirname(path), { recursive: true });
      await store.#load(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') onError(error);
    }
    return store;
  }

  async #load(path: string): Promise<void> {
    const bytes = await readFile(path);
    const size = this.#entryBytes;
    const whole = bytes.length - (bytes.length % size);
    if (whole / size > MAX_ENTRIES) {
      await truncate(path, 0);
      return;
    }
    // A torn entry at the end would shift every later one.
    if (whole !== bytes.length) await truncate(path, whole);
    const slice = new TimeSlice();
    for (let at = 0; at < whole; at += size) {
      this.#readEntry(bytes, at);
      if (slice.isOver) await slice.pause();
    }
  }

  get size(): number {
    return this.#results.size;
  }

  /** @param hash SHA-256 of the narrative, hexadecimal */
  get(hash: string): StoredResult | undefined {
    return this.#results.get(hash);
  }

  set(hash: string, result: StoredResult): void {
    if (result.logits.length !== this.labelCount) {
      throw new Error(`${result.logits.length} logits in a store of ${this.labelCount}`);
    }
    if (this.#results.has(hash)) return;
    this.#results.set(hash, result);
    const entry = Buffer.alloc(this.#entryBytes);
    entry.write(hash, 0, HASH_BYTES, 'hex');
    result.logits.forEach((logit, i) => {
      entry.writeFloatLE(logit, HASH_BYTES + 4 * i);
    });
    entry.writeUInt16LE(Math.min(result.tokenCount, 0xffff), entry.length - 4);
    entry.writeUInt16LE(result.truncated ? 1 : 0, entry.length - 2);
    this.#unsaved.push(entry);
  }

  /**
   * Appends what is new. Calls follow each other. Rejects where the disk refuses; what was not written is tried again by the
   * next call.
   */
  flush(): Promise<void> {
    const append = async () => {
      while (this.#unsaved.length > 0) {
        // Whole entries in one system call: two windows may append to the file in turns.
        const count = Math.max(1, Math.floor(WRITE_BYTES / this.#entryBytes));
        await appendFile(this.path, Buffer.concat(this.#unsaved.slice(0, count)));
        this.#unsaved.splice(0, count);
      }
    };
    this.#writing = this.#writing.then(append, append);
    return this.#writing;
  }

  get #entryBytes(): number {
    return HASH_BYTES + 4 * this.labelCount + TAIL_BYTES;
  }

  #readEntry(bytes: Buffer, at: number): void {
    const end = at + this.#entryBytes;
    const logits = Float32Array.from({ length: this.labelCount }, (_, i) => bytes.readFloatLE(at + HASH_BYTES + 4 * i));
    // A hole that a crash of the machine left reads as zeros or noise.
    if (!logits.every(Number.isFinite) || bytes.readUInt16LE(end - 4) === 0) return;
    this.#results.set(bytes.toString('hex', at, at + HASH_BYTES), {
      logits,
      tokenCount: bytes.readUInt16LE(end - 4),
      truncated: bytes.readUInt16LE(end - 2) === 1,
    });
  }
}
