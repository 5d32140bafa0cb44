import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import type { ExternalData } from '../onnx/onnxModel.ts';

/** A cache line, so that a vector load of a mapped tensor never straddles two. */
const ALIGNMENT_BYTES = 64;

/** Writes tensors one after the other into a file that an ONNX model beside it refers to. */
export class ExternalDataFile {
  private sizeBytes = 0;

  private constructor(
    private readonly location: string,
    private readonly handle: FileHandle,
  ) {}

  /** Makes a new file; it must not be there yet. */
  static async create(file: string): Promise<ExternalDataFile> {
    return new ExternalDataFile(path.basename(file), await open(file, 'wx'));
  }

  /** Appends the elements of a tensor, little-endian, and tells where they lie. */
  async append(elements: Float32Array | Uint16Array | Int8Array): Promise<ExternalData> {
    const offset = Math.ceil(this.sizeBytes / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
    const bytes = new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength);
    let done = 0;
    while (done < bytes.length) {
      const { bytesWritten } = await this.handle.write(bytes, done, bytes.length - done, offset + done);
      done += bytesWritten;
    }
    this.sizeBytes = offset + bytes.length;
    return { location: this.location, offset, length: bytes.length };
  }

  /** Closes the file. */
  async close(): Promise<void> {
    await this.handle.close();
  }
}
