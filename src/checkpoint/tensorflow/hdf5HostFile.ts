import { randomUUID } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { EmscriptenFileSystem, EmscriptenNode, EmscriptenStream } from './hdf5Library.ts';

/** Emscripten's number of EIO. */
const EIO = 29;
const SEEK_CURRENT = 1;
const SEEK_END = 2;
/**
 * How often the library may read. BERT-base takes about 1,500 reads; a file of 4 GB in chunks of 16 kB would take 250,000. A
 * damaged index that leads round in circles ends here.
 */
const MAX_READS = 1_000_000;

/**
 * A file of this machine that the HDF5 library sees in its own file system. It stays where it is: each read of the library is
 * one of the disk, straight into the library's memory.
 */
export class Hdf5HostFile {
  /** Where the library finds it. */
  readonly path: string;
  private readonly name = `${randomUUID()}.h5`;
  private reads = 0;
  private failure = false;

  private constructor(
    private readonly files: EmscriptenFileSystem,
    private readonly descriptor: number,
    /** In bytes, when the file was opened. */
    readonly size: number,
  ) {
    this.path = `/${this.name}`;
  }

  /** @throws the error of `node:fs` */
  static open(files: EmscriptenFileSystem, file: string): Hdf5HostFile {
    const descriptor = openSync(file, 'r');
    try {
      const hostFile = new Hdf5HostFile(files, descriptor, fstatSync(descriptor).size);
      hostFile.expose(files.createFile('/', hostFile.name, {}, true, false));
      return hostFile;
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
  }

  /** Whether a read has failed: the file became shorter, the disk failed, or there were too many reads. */
  get failed(): boolean {
    return this.failure;
  }

  /** Takes the file away from the library and closes it. */
  close(): void {
    closeSync(this.descriptor);
    this.files.unlink(this.path);
  }

  private expose(node: EmscriptenNode): void {
    const { node_ops: nodeOperations, stream_ops: streamOperations } = node;
    node.node_ops = { ...nodeOperations, getattr: (self) => ({ ...nodeOperations.getattr(self), size: this.size }) };
    node.stream_ops = {
      ...streamOperations,
      llseek: (stream, offset, whence) => this.seek(stream, offset, whence),
      read: (_stream, buffer, offset, length, position) => this.read(buffer, offset, length, position),
    };
  }

  private seek(stream: EmscriptenStream, offset: number, whence: number): number {
    if (whence === SEEK_CURRENT) return stream.position + offset;
    return whence === SEEK_END ? this.size + offset : offset;
  }

  private read(buffer: Int8Array, offset: number, length: number, position: number): number {
    const wanted = Math.min(length, Math.max(0, this.size - position));
    let done = 0;
    while (done < wanted) {
      const bytesRead = this.readSome(buffer, offset + done, wanted - done, position + done);
      if (bytesRead === 0) {
        this.failure = true;
        // Not an exception of ours: this one the C library gets as an error number, and tidies up after it.
        throw new this.files.ErrnoError(EIO);
      }
      done += bytesRead;
    }
    return done;
  }

  /** @returns 0 if nothing can be read, for whatever reason */
  private readSome(buffer: Int8Array, offset: number, length: number, position: number): number {
    if (this.reads++ >= MAX_READS) return 0;
    try {
      return readSync(this.descriptor, buffer, offset, length, position);
    } catch {
      return 0;
    }
  }
}
