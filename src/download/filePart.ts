import type { FileHandle } from 'node:fs/promises';
import { constants, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { throwIfCancelled } from '../core/cancellation.ts';
import { ContentDigest } from './contentDigest.ts';
import type { FileHash } from './hubListing.ts';

const READ_BYTES = 1 << 20;

/** The file that a part becomes. */
export interface PartFile {
  readonly hash: FileHash;
  /** Undefined where only an answer tells; git's hash needs to know it before. */
  readonly sizeBytes: number | undefined;
}

/** Names of the files that parts are kept in, `NAME.part` with `NAME.etag` beside it. */
export const PART_FILE = /^[0-9a-f]{40,64}\.(?:part|etag)$/;

/**
 * What has come of a file so far. It stays on disk when the process ends, however it ends. It is named by the hash of the content
 * that it will have, so that a changed file is never joined to an old part, and a new commit with the same file goes on with it.
 */
export class FilePart {
  #sizeBytes = 0;
  #resumedBytes = 0;
  #etag: string | undefined;
  #digest: ContentDigest;

  private constructor(
    readonly file: PartFile,
    readonly path: string,
    readonly handle: FileHandle,
  ) {
    this.#digest = new ContentDigest(file);
  }

  /** Opens the part of a file, with what an earlier run left of it. */
  static async open(folder: string, file: PartFile, signal: AbortSignal): Promise<FilePart> {
    const base = path.join(folder, file.hash.hex);
    // No letter stands for this: made where there is none, and what is there stays.
    const handle = await open(`${base}.part`, constants.O_RDWR | constants.O_CREAT);
    const part = new FilePart(file, base, handle);
    try {
      await part.#readEarlier(signal);
    } catch (error) {
      await handle.close();
      throw error;
    }
    return part;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Bytes that an earlier run left and that are still in use. */
  get resumedBytes(): number {
    return this.#resumedBytes;
  }

  /** The strong validator that the bytes so far came with, for `If-Range`. */
  get etag(): string | undefined {
    return this.#etag;
  }

  /** Throws away what there is. `etag` is that of the bytes that come now. */
  async restart(etag?: string): Promise<void> {
    await this.handle.truncate(0);
    this.#sizeBytes = 0;
    this.#resumedBytes = 0;
    this.#digest = new ContentDigest(this.file);
    this.#etag = etag;
    if (etag === undefined) await rm(`${this.path}.etag`, { force: true });
    else await writeFile(`${this.path}.etag`, etag);
  }

  async append(bytes: Uint8Array): Promise<void> {
    for (let written = 0; written < bytes.length; ) {
      const { bytesWritten } = await this.handle.write(
        bytes,
        written,
        bytes.length - written,
        this.#sizeBytes + written,
      );
      written += bytesWritten;
    }
    this.#digest.update(bytes);
    this.#sizeBytes += bytes.length;
  }

  /** The part is thought to be whole. @returns its SHA-256, or undefined where it is not the file that was expected */
  end(): string | undefined {
    const { sha256, hubHash } = this.#digest.end();
    const { hash, sizeBytes = this.#sizeBytes } = this.file;
    return hubHash === hash.hex && this.#sizeBytes === sizeBytes ? sha256 : undefined;
  }

  /** Closes the whole part and puts it where it belongs. */
  async moveTo(target: string): Promise<void> {
    await this.handle.sync();
    await this.close();
    await rename(`${this.path}.part`, target);
    await rm(`${this.path}.etag`, { force: true });
  }

  async close(): Promise<void> {
    await this.handle.close();
  }

  async #readEarlier(signal: AbortSignal): Promise<void> {
    this.#etag = await readFile(`${this.path}.etag`, 'utf8').catch(() => undefined);
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    for (;;) {
      throwIfCancelled(signal);
      const { bytesRead } = await this.handle.read(buffer, 0, buffer.length, this.#sizeBytes);
      if (bytesRead === 0) break;
      this.#digest.update(buffer.subarray(0, bytesRead));
      this.#sizeBytes += bytesRead;
    }
    this.#resumedBytes = this.#sizeBytes;
    if (this.#sizeBytes > (this.file.sizeBytes ?? Number.POSITIVE_INFINITY)) await this.restart();
  }
}
