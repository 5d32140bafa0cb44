import { CheckpointFile } from '../checkpointFile.ts';
import { shownName, unsupportedFile } from '../checkpointRefusals.ts';
import { gatherStrided } from '../stridedTensor.ts';
import { isFloatingPoint, notFloatingPoint, swapByteOrder, toFloat32 } from '../tensorElements.ts';
import type { TensorDataType, TensorLocation, TensorSource } from '../tensorSource.ts';
import { readPytorchArchive } from './pytorchArchive.ts';
import type { PytorchLayout } from './pytorchLayout.ts';
import { readPytorchLegacy } from './pytorchLegacy.ts';
import { type PlacedTensor, placeTensors } from './pytorchTensors.ts';
import { readStored } from './storedBytes.ts';

/**
 * A checkpoint as torch.save writes it (`pytorch_model.bin`), in the zip layout or the legacy one. Nothing in the file is
 * ever executed: its pickle goes through an interpreter that knows tensors and plain values only.
 */
export class PytorchFile implements TensorSource {
  readonly fileName: string;

  private constructor(
    private readonly file: CheckpointFile,
    private readonly tensors: ReadonlyMap<string, PlacedTensor>,
    private readonly bigEndian: boolean,
  ) {
    this.fileName = file.name;
  }

  /**
   * Opens a file and reads its pickle, but no weights. Every tensor is checked to lie within the file.
   * @throws UserError FILE_NOT_FOUND, IO_ERROR, or BAD_CHECKPOINT for every defect of the file and for one that asks for
   *   more than weights
   */
  static async open(path: string): Promise<PytorchFile> {
    const file = await CheckpointFile.open(path);
    try {
      const layout = await readLayout(file);
      return new PytorchFile(file, placeTensors(layout, file.name), layout.bigEndian);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  names(): readonly string[] {
    return [...this.tensors.keys()];
  }

  shape(name: string): readonly number[] {
    return this.tensor(name).shape;
  }

  dtype(name: string): TensorDataType {
    return this.tensor(name).dtype;
  }

  async read(name: string): Promise<Float32Array> {
    const { dtype, shape, strides, contiguous, stored, begin, length } = this.tensor(name);
    if (!isFloatingPoint(dtype)) throw notFloatingPoint(this.fileName, shownName(name), dtype);
    const bytes = await readStored(this.file, stored, begin, length);
    if (this.bigEndian) swapByteOrder(bytes, dtype);
    const values = toFloat32(bytes, dtype);
    return contiguous ? values : gatherStrided(values, shape, strides);
  }

  location(name: string): TensorLocation | undefined {
    const { dtype, contiguous, stored, begin, length } = this.tensor(name);
    const offset = stored.offset + begin;
    const asTheyAre = dtype === 'F32' && contiguous && !this.bigEndian && stored.deflatedSize === undefined;
    return asTheyAre && offset % 4 === 0 ? { file: this.file.path, offset, length } : undefined;
  }

  async close(): Promise<void> {
    await this.file.close();
  }

  private tensor(name: string): PlacedTensor {
    const tensor = this.tensors.get(name);
    if (tensor === undefined) throw new Error(`${this.fileName} has no tensor ${name}`);
    return tensor;
  }
}

async function readLayout(file: CheckpointFile): Promise<PytorchLayout> {
  const start = Buffer.from(await file.read(0, Math.min(file.size, 32))).toString('latin1');
  if (start.startsWith('PK\x03\x04')) return readPytorchArchive(file);
  if (start.startsWith('\x80')) return readPytorchLegacy(file);
  if (start.startsWith('version https://git-lfs')) {
    throw unsupportedFile(file.name, 'is only a pointer of Git LFS and holds no weights');
  }
  throw unsupportedFile(file.name, 'does not begin like a file of torch.save');
}
