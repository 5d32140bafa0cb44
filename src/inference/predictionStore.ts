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

/**
 * Predictions of one model at one precision and maximum length, keyed by the SHA-256 of the narrative, in memory and in an
 * append-only file. The file holds hashes and numbers, never text. Two windows may append to it at the same time; an entry
 * torn by a crash is dropped.
 */
export class PredictionStore {
  readonly #results = new Map<string, StoredResult>();
  #unsaved: Buffer[] = [];
  #writing: Promise<void> = Promise.resolve();

  private constructor(
    readonly path: string,
    readonly labelCount: number,
  ) {}

  /** Opens the file, or starts an empty store where there is none or it is damaged. */
  static async open(path: string, labelCount: number): Promise<PredictionStore> {
    const store = new PredictionStore(path, labelCount);
    await mkdir(dirname(path), { recursive: true });
    let bytes: Buffer;
    try {
      bytes = await readFile(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return store;
      throw error;
    }
    const size = store.#entryBytes;
    const whole = bytes.length - (bytes.length % size);
    if (whole / size > MAX_ENTRIES) {
      await truncate(path, 0);
      return store;
    }
    // A torn entry at the end would shift every later one.
    if (whole !== bytes.length) await truncate(path, whole);
    const slice = new TimeSlice();
    for (let at = 0; at < whole; at += size) {
      store.#readEntry(bytes, at);
      if (slice.isOver) await slice.pause();
    }
    return store;
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

  /** Appends what is new. Calls follow each other; each writes with one system call. Rejects where the disk refuses. */
  flush(): Promise<void> {
    const append = async () => {
      if (this.#unsaved.length === 0) return;
      const entries = Buffer.concat(this.#unsaved);
      this.#unsaved = [];
      await appendFile(this.path, entries);
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
