import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { UserError } from '../core/userError.ts';

/** Node refuses a read of 2 GiB or more in one piece. */
const LARGEST_READ_BYTES = 2 ** 30;

/** A file of weights that is read piece by piece, wherever a piece lies. */
export class CheckpointFile {
  /** Base name, for messages. */
  readonly name: string;

  private constructor(
    readonly path: string,
    private readonly handle: FileHandle,
    /** In bytes, when the file was opened. */
    readonly size: number,
  ) {
    this.name = basename(path);
  }

  /** @throws UserError FILE_NOT_FOUND, or IO_ERROR for a file that cannot be opened or is no file */
  static async open(file: string): Promise<CheckpointFile> {
    const name = basename(file);
    let handle: FileHandle;
    try {
      handle = await open(file, 'r');
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') {
        throw new UserError('FILE_NOT_FOUND', `There is no ${name}: choose a folder that holds one.`, { cause });
      }
      throw new UserError('IO_ERROR', `${name} cannot be opened: check that you may read it.`, { cause });
    }
    const stats = await handle.stat();
    if (stats.isFile()) return new CheckpointFile(file, handle, stats.size);
    await handle.close();
    throw new UserError('IO_ERROR', `${name} is not a file: choose a file of weights.`);
  }

  /**
   * Reads `length` bytes from `position` on, into memory of their own. The caller has checked both against `size`.
   * @throws UserError BAD_CHECKPOINT if the file has become shorter since it was opened, IO_ERROR if the disk fails
   */
  async read(position: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    if (position < 0 || length < 0 || position + length > this.size) {
      throw new Error(`${length} bytes from ${position} are not all in the ${this.size} bytes of ${this.name}`);
    }
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      done += await this.readSome(bytes, done, position + done);
    }
    return bytes;
  }

  /** Lets go of the file. */
  async close(): Promise<void> {
    await this.handle.close();
  }

  private async readSome(target: Uint8Array, done: number, position: number): Promise<number> {
    const wanted = Math.min(target.length - done, LARGEST_READ_BYTES);
    let bytesRead: number;
    try {
      ({ bytesRead } = await this.handle.read(target, done, wanted, position));
    } catch (cause) {
      throw new UserError('IO_ERROR', `${this.name} cannot be read: check the disk, then try again.`, { cause });
    }
    if (bytesRead > 0) return bytesRead;
    throw new UserError(
      'BAD_CHECKPOINT',
      `${this.name} became shorter while it was being read: wait until nothing writes to it, then try again.`,
    );
  }
}
