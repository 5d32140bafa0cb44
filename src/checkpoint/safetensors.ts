import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../core/userError.ts';
import { bfloat16ToFloat, halfToFloat } from './halfPrecision.ts';
import { parseSafetensorsHeader, type SafetensorsEntry } from './safetensorsHeader.ts';
import type { TensorDataType, TensorLocation, TensorSource } from './tensorSource.ts';

/** The format's own limit on the header, which keeps a broken length from taking all memory. */
const MAX_HEADER_BYTES = 100_000_000;
const LENGTH_FIELD_BYTES = 8;

/** A checkpoint in the safetensors format. Source: https://huggingface.co/docs/safetensors#format */
export class SafetensorsFile implements TensorSource {
  readonly fileName: string;

  private constructor(
    private readonly file: string,
    private readonly handle: FileHandle,
    private readonly entries: ReadonlyMap<string, SafetensorsEntry>,
    private readonly dataStart: number,
  ) {
    this.fileName = path.basename(file);
  }

  /**
   * Opens a file and checks all of its header, so that reading a tensor later can fail only if the file changes.
   * @throws UserError FILE_NOT_FOUND, IO_ERROR, or BAD_CHECKPOINT for every defect of the file
   */
  static async open(file: string): Promise<SafetensorsFile> {
    const handle = await openForReading(file);
    try {
      const { size } = await handle.stat();
      const { headerLength, header } = await readHeader(handle, path.basename(file), size);
      const dataStart = LENGTH_FIELD_BYTES + headerLength;
      const entries = parseSafetensorsHeader(header, { fileName: path.basename(file), size, dataStart });
      return new SafetensorsFile(file, handle, entries, dataStart);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  names(): readonly string[] {
    return [...this.entries.keys()];
  }

  shape(name: string): readonly number[] {
    return this.entry(name).shape;
  }

  dtype(name: string): TensorDataType {
    return this.entry(name).dtype;
  }

  async read(name: string): Promise<Float32Array> {
    const { dtype, begin, end } = this.entry(name);
    const bytes = new Uint8Array(end - begin);
    await readFully(this.handle, bytes, this.dataStart + begin, this.fileName);
    switch (dtype) {
      case 'F32':
        return new Float32Array(bytes.buffer);
      case 'F16':
        return halfToFloat(new Uint16Array(bytes.buffer));
      case 'BF16':
        return bfloat16ToFloat(new Uint16Array(bytes.buffer));
      case 'F64':
        return Float32Array.from(new Float64Array(bytes.buffer));
      default:
        throw new UserError(
          'BAD_CHECKPOINT',
          `${this.fileName} stores ${name} as ${dtype}, not as floating-point numbers: save the model in F32, F16 or BF16.`,
        );
    }
  }

  location(name: string): TensorLocation | undefined {
    const { dtype, begin, end } = this.entry(name);
    const offset = this.dataStart + begin;
    // Old writers did not pad the header: floats at an odd address are converted, not mapped.
    return dtype === 'F32' && offset % 4 === 0 ? { file: this.file, offset, length: end - begin } : undefined;
  }

  async close(): Promise<void> {
    await this.handle.close();
  }

  private entry(name: string): SafetensorsEntry {
    const entry = this.entries.get(name);
    if (entry === undefined) throw new Error(`${this.fileName} has no tensor ${name}`);
    return entry;
  }
}

async function openForReading(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'r');
  } catch (cause) {
    const name = path.basename(file);
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new UserError('FILE_NOT_FOUND', `There is no ${name}: choose a folder that holds one.`, { cause });
    }
    throw new UserError('IO_ERROR', `${name} cannot be opened: check that you may read it.`, { cause });
  }
}

async function readHeader(handle: FileHandle, fileName: string, size: number) {
  if (size < LENGTH_FIELD_BYTES) throw truncated(fileName, size, LENGTH_FIELD_BYTES);
  const lengthField = new Uint8Array(LENGTH_FIELD_BYTES);
  await readFully(handle, lengthField, 0, fileName);
  const headerLength = Number(new DataView(lengthField.buffer).getBigUint64(0, true));
  if (headerLength > MAX_HEADER_BYTES) {
    throw new UserError(
      'BAD_CHECKPOINT',
      `${fileName} does not begin like a safetensors file: choose another file, or save the model again.`,
    );
  }
  if (LENGTH_FIELD_BYTES + headerLength > size) throw truncated(fileName, size, LENGTH_FIELD_BYTES + headerLength);
  const header = new Uint8Array(headerLength);
  await readFully(handle, header, LENGTH_FIELD_BYTES, fileName);
  return { headerLength, header };
}

function truncated(fileName: string, size: number, promised: number): UserError {
  return new UserError(
    'BAD_CHECKPOINT',
    `${fileName} ends after ${size} bytes but its header needs ${promised}: copy or download it again.`,
  );
}

async function readFully(handle: FileHandle, target: Uint8Array, position: number, fileName: string): Promise<void> {
  let done = 0;
  while (done < target.length) {
    const { bytesRead } = await handle.read(target, done, target.length - done, position + done);
    if (bytesRead === 0) {
      throw new UserError(
        'BAD_CHECKPOINT',
        `${fileName} became shorter while it was being read: wait until nothing writes to it, then try again.`,
      );
    }
    done += bytesRead;
  }
}
