import { UserError } from '../core/userError.ts';
import { CheckpointFile } from './checkpointFile.ts';
import { parseSafetensorsHeader, type SafetensorsEntry } from './safetensorsHeader.ts';
import { isFloatingPoint, notFloatingPoint, toFloat32 } from './tensorElements.ts';
import type { TensorDataType, TensorLocation, TensorSource } from './tensorSource.ts';

/** The format's own limit on the header, which keeps a broken length from taking all memory. */
const MAX_HEADER_BYTES = 100_000_000;
const LENGTH_FIELD_BYTES = 8;

/** A checkpoint in the safetensors format. Source: https://huggingface.co/docs/safetensors#format */
export class SafetensorsFile implements TensorSource {
  private constructor(
    private readonly file: CheckpointFile,
    private readonly entries: ReadonlyMap<string, SafetensorsEntry>,
    private readonly dataStart: number,
  ) {}

  /**
   * Opens a file and checks all of its header, so that reading a tensor later can fail only if the file changes.
   * @throws UserError FILE_NOT_FOUND, IO_ERROR, or BAD_CHECKPOINT for every defect of the file
   */
  static async open(path: string): Promise<SafetensorsFile> {
    const file = await CheckpointFile.open(path);
    try {
      const header = await readHeader(file);
      const dataStart = LENGTH_FIELD_BYTES + header.length;
      const entries = parseSafetensorsHeader(header, { fileName: file.name, size: file.size, dataStart });
      return new SafetensorsFile(file, entries, dataStart);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  get fileName(): string {
    return this.file.name;
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
    if (!isFloatingPoint(dtype)) throw notFloatingPoint(this.fileName, name, dtype);
    return toFloat32(await this.file.read(this.dataStart + begin, end - begin), dtype);
  }

  location(name: string): TensorLocation | undefined {
    const { dtype, begin, end } = this.entry(name);
    const offset = this.dataStart + begin;
    // Old writers did not pad the header: floats at an odd address are converted, not mapped.
    return dtype === 'F32' && offset % 4 === 0 ? { file: this.file.path, offset, length: end - begin } : undefined;
  }

  async close(): Promise<void> {
    await this.file.close();
  }

  private entry(name: string): SafetensorsEntry {
    const entry = this.entries.get(name);
    if (entry === undefined) throw new Error(`${this.fileName} has no tensor ${name}`);
    return entry;
  }
}

async function readHeader(file: CheckpointFile): Promise<Uint8Array> {
  if (file.size < LENGTH_FIELD_BYTES) throw truncated(file, LENGTH_FIELD_BYTES);
  const lengthField = await file.read(0, LENGTH_FIELD_BYTES);
  const headerLength = Number(new DataView(lengthField.buffer).getBigUint64(0, true));
  if (headerLength > MAX_HEADER_BYTES) {
    throw new UserError(
      'BAD_CHECKPOINT',
      `${file.name} does not begin like a safetensors file: choose another file, or save the model again.`,
    );
  }
  if (LENGTH_FIELD_BYTES + headerLength > file.size) throw truncated(file, LENGTH_FIELD_BYTES + headerLength);
  return file.read(LENGTH_FIELD_BYTES, headerLength);
}

function truncated({ name, size }: CheckpointFile, promised: number): UserError {
  return new UserError(
    'BAD_CHECKPOINT',
    `${name} ends after ${size} bytes but its header needs ${promised}: copy or download it again.`,
  );
}
