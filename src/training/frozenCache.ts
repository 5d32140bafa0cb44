import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Folder below the cache directory. */
const FOLDER = 'hidden-states';
/** More than this is not kept: the sets that were not used for longest go first. */
const LARGEST_TOTAL_BYTES = 4 * 2 ** 30;

/** What the states of a text follow from, beside its token ids. */
export interface FrozenKey {
  /** Hash of the model's content. */
  readonly modelHash: string;
  /** Layers that were computed. */
  readonly layers: number;
}

/**
 * Hidden states on disk, a file a text: float32 as they were computed, so that a run from the cache gives the same weights as one
 * without, bit for bit. A file that is damaged or of another size is as good as none. Nothing tells the text but a hash of
 * its token ids.
 */
export class FrozenCache {
  private readonly directory: string;

  constructor(
    private readonly cacheDirectory: string,
    { modelHash, layers }: FrozenKey,
  ) {
    const key = createHash('sha256').update(`${modelHash} ${layers}`).digest('hex').slice(0, 32);
    this.directory = path.join(cacheDirectory, FOLDER, key);
  }

  /** Makes room, and marks this set as used now. System errors as they are. */
  async open(): Promise<void> {
    await mkdir(this.directory, { recursive: true });
    await utimes(this.directory, new Date(), new Date());
    await this.prune();
  }

  /** @param length elements that it has to have */
  async read(ids: Int32Array, length: number): Promise<Float32Array | undefined> {
    try {
      const bytes = await readFile(this.file(ids));
      // A checksum behind the elements catches what a power cut left.
      if (bytes.length !== length * 4 + 32) return undefined;
      const data = bytes.subarray(0, length * 4);
      if (
        !createHash('sha256')
          .update(data)
          .digest()
          .equals(bytes.subarray(length * 4))
      )
        return undefined;
      return new Float32Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength));
    } catch {
      return undefined;
    }
  }

  /** A full disk is no reason not to train: what cannot be kept is computed again the next time. */
  async write(ids: Int32Array, states: Float32Array): Promise<void> {
    const data = new Uint8Array(states.buffer, states.byteOffset, states.byteLength);
    const file = this.file(ids);
    const temporary = `${file}.${process.pid}`;
    try {
      await writeFile(temporary, Buffer.concat([data, createHash('sha256').update(data).digest()]));
      await rename(temporary, file);
    } catch {
      await rm(temporary, { force: true }).catch(() => {});
    }
  }

  private file(ids: Int32Array): string {
    const bytes = new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength);
    return path.join(this.directory, `${createHash('sha256').update(bytes).digest('hex')}.f32`);
  }

  private async prune(): Promise<void> {
    const root = path.join(this.cacheDirectory, FOLDER);
    const sets: { directory: string; usedMs: number; sizeBytes: number }[] = [];
    for (const name of await readdir(root)) {
      const directory = path.join(root, name);
      const files = await readdir(directory).catch(() => []);
      const sizes = await Promise.all(
        files.map((file) =>
          stat(path.join(directory, file)).then(
            ({ size }) => size,
            () => 0,
          ),
        ),
      );
      const usedMs = await stat(directory).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      );
      sets.push({ directory, usedMs, sizeBytes: sizes.reduce((sum, size) => sum + size, 0) });
    }
    let total = 0;
    for (const { directory, sizeBytes } of sets.sort((a, b) => b.usedMs - a.usedMs)) {
      total += sizeBytes;
      if (total > LARGEST_TOTAL_BYTES && directory !== this.directory) {
        await rm(directory, { recursive: true, force: true });
      }
    }
  }
}
