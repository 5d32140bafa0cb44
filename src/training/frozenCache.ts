import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { freeDiskBytes } from './freeDiskBytes.ts';

/** Folder below the cache directory. */
const FOLDER = 'hidden-states';
/** More than this is not kept, of all models together. */
const LARGEST_TOTAL_BYTES = 4 * 2 ** 30;
/** A checksum behind the elements catches what a power cut left. */
const CHECKSUM_BYTES = 32;

/** What the states of a text follow from, beside its token ids. */
export interface FrozenKey {
  /** Hash of the model's content. */
  readonly modelHash: string;
  /** Layers that were computed. */
  readonly layers: number;
}

/** A file or folder that may be removed. */
interface Evictable {
  readonly place: string;
  readonly sizeBytes: number;
}

/**
 * Hidden states on disk, a file a text: float32 as they were computed, so that a run from the cache gives the same weights as one
 * without, bit for bit. A file that is damaged or of another size is as good as none. Nothing tells the text but a hash of
 * its token ids.
 *
 * The sets of other models that were not used for longest make room first, then texts of this model's that are not wanted any
 * more. Where that is not enough, or half of the disk's free space would be taken, nothing more is written.
 */
export class FrozenCache {
  private readonly directory: string;
  /** The last one goes first. */
  private evictable: Evictable[] = [];
  private totalBytes = 0;
  private mostBytes = 0;

  constructor(
    private readonly cacheDirectory: string,
    { modelHash, layers }: FrozenKey,
    private readonly largestBytes = LARGEST_TOTAL_BYTES,
  ) {
    const key = createHash('sha256').update(`${modelHash} ${layers}`).digest('hex').slice(0, 32);
    this.directory = path.join(cacheDirectory, FOLDER, key);
  }

  /** Bytes of a file with so many elements. */
  static fileBytes(elements: number): number {
    return elements * Float32Array.BYTES_PER_ELEMENT + CHECKSUM_BYTES;
  }

  /** Most bytes of files that can be kept of the texts that are wanted. */
  get capacityBytes(): number {
    return this.mostBytes;
  }

  /**
   * Makes room, and marks this set as used now. Where the system does not let it, nothing is kept.
   * @param wanted token ids of the texts whose states are wanted
   * @param reservedBytes of the disk's free space, for other files of the run
   */
  async open(wanted: readonly Int32Array[], reservedBytes = 0): Promise<void> {
    try {
      await mkdir(this.directory, { recursive: true });
      await utimes(this.directory, new Date(), new Date());
      await this.survey(new Set(wanted.map(fileName)), reservedBytes);
    } catch {
      this.mostBytes = 0;
      return;
    }
    await this.makeRoom(0);
  }

  /** @param length elements that it has to have */
  async read(ids: Int32Array, length: number): Promise<Float32Array | undefined> {
    try {
      const bytes = await readFile(this.file(ids));
      if (bytes.length !== FrozenCache.fileBytes(length)) return undefined;
      const data = bytes.subarray(0, bytes.length - CHECKSUM_BYTES);
      if (!createHash('sha256').update(data).digest().equals(bytes.subarray(data.length))) return undefined;
      return new Float32Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength));
    } catch {
      return undefined;
    }
  }

  /**
   * A full disk is no reason not to train: what cannot be kept is computed again the next time.
   * @returns whether it was kept
   */
  async write(ids: Int32Array, states: Float32Array): Promise<boolean> {
    const sizeBytes = FrozenCache.fileBytes(states.length);
    if (!(await this.makeRoom(sizeBytes))) return false;
    const data = new Uint8Array(states.buffer, states.byteOffset, states.byteLength);
    const file = this.file(ids);
    const temporary = `${file}.${process.pid}`;
    try {
      await writeFile(temporary, Buffer.concat([data, createHash('sha256').update(data).digest()]));
      await rename(temporary, file);
      this.totalBytes += sizeBytes;
      return true;
    } catch {
      await rm(temporary, { force: true }).catch(() => {});
      return false;
    }
  }

  private file(ids: Int32Array): string {
    return path.join(this.directory, fileName(ids));
  }

  /** @returns whether there is room for so many bytes more */
  private async makeRoom(bytes: number): Promise<boolean> {
    while (this.totalBytes + bytes > this.mostBytes) {
      const victim = this.evictable.pop();
      if (victim === undefined) return false;
      await rm(victim.place, { recursive: true, force: true }).catch(() => {});
      this.totalBytes -= victim.sizeBytes;
    }
    return true;
  }

  private async survey(wanted: ReadonlySet<string>, reservedBytes: number): Promise<void> {
    const root = path.join(this.cacheDirectory, FOLDER);
    const sets: (Evictable & { readonly usedMs: number })[] = [];
    const unwanted: Evictable[] = [];
    this.totalBytes = 0;
    for (const name of await readdir(root)) {
      const place = path.join(root, name);
      const files = await filesOf(place);
      const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
      this.totalBytes += sizeBytes;
      if (place === this.directory) unwanted.push(...files.filter((file) => !wanted.has(path.basename(file.place))));
      else sets.push({ place, sizeBytes, usedMs: await modifiedMs(place) });
    }
    this.evictable = [...unwanted, ...sets.sort((a, b) => b.usedMs - a.usedMs)];
    const free = (await freeDiskBytes(root)) ?? Number.POSITIVE_INFINITY;
    this.mostBytes = Math.min(this.largestBytes, this.totalBytes + Math.max(0, free - reservedBytes) / 2);
  }
}

function fileName(ids: Int32Array): string {
  const bytes = new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength);
  return `${createHash('sha256').update(bytes).digest('hex')}.f32`;
}

async function filesOf(directory: string): Promise<Evictable[]> {
  const names = await readdir(directory).catch(() => []);
  return Promise.all(
    names.map(async (name) => {
      const place = path.join(directory, name);
      const sizeBytes = await stat(place).then(
        ({ size }) => size,
        () => 0,
      );
      return { place, sizeBytes };
    }),
  );
}

async function modifiedMs(place: string): Promise<number> {
  return stat(place).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}
