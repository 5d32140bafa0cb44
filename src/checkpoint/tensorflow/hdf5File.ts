import { UserError } from '../../core/userError.ts';
import { CheckpointFile } from '../checkpointFile.ts';
import { damagedFile, shownName, unsupportedFile } from '../checkpointRefusals.ts';
import { elementCount } from '../stridedTensor.ts';
import { elementBytes, toFloat32 } from '../tensorElements.ts';
import { type Hdf5Dataset, listDatasets } from './hdf5Datasets.ts';
import { Hdf5HostFile } from './hdf5HostFile.ts';
import { type Hdf5Functions, loadHdf5 } from './hdf5Library.ts';

/** Source: https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html, "Format Signature". */
const SIGNATURE = '\x89HDF\r\n\x1a\n';
/** The library's memory never shrinks: datasets pass through it in slices of this size. */
const SLICE_BYTES = 8 * 2 ** 20;

/** The floating-point datasets of an HDF5 file. The file is not held in memory: only what is asked for is read. */
export class Hdf5File {
  private isOpen = true;

  private constructor(
    /** Base name, for messages. */
    readonly name: string,
    /** Every dataset of floating-point numbers, in the order of the file's index. */
    readonly datasets: readonly Hdf5Dataset[],
    private readonly functions: Hdf5Functions,
    private readonly hostFile: Hdf5HostFile,
    private readonly fileId: bigint,
  ) {}

  /**
   * Opens a file and reads its index: names, shapes and types.
   * @throws UserError FILE_NOT_FOUND, IO_ERROR, or BAD_CHECKPOINT for a file that is no HDF5, is cut off or is damaged
   */
  static async open(file: string): Promise<Hdf5File> {
    const name = await checkSignature(file);
    const { functions, files } = await loadHdf5();
    const hostFile = Hdf5HostFile.open(files, file);
    let fileId = -1n;
    try {
      const unreadable = 'its index cannot be read or its end is missing';
      fileId = orDamaged(name, unreadable, () => functions.open(hostFile.path, functions.H5F_ACC_RDONLY));
      if (fileId < 0n) throw damagedFile(name, unreadable);
      const datasets = orDamaged(name, unreadable, () => listDatasets(functions, fileId, hostFile.size));
      if (hostFile.failed) throw damagedFile(name, unreadable);
      if (datasets === undefined) throw unsupportedFile(name, 'is laid out as no file of weights is');
      return new Hdf5File(name, datasets, functions, hostFile, fileId);
    } catch (error) {
      closeBoth(name, functions, fileId, hostFile);
      throw error;
    }
  }

  /**
   * Reads a dataset as float32, row-major.
   * @throws UserError BAD_CHECKPOINT if the data cannot be read, as after the file was cut
   */
  read({ path, shape, dtype }: Hdf5Dataset): Float32Array {
    if (!this.isOpen) throw new Error(`${this.name} was closed before ${path} was read`);
    const values = new Float32Array(elementCount(shape));
    const [rows = 1, ...rest] = shape;
    const rowLength = elementCount(rest);
    const rowsPerSlice = Math.max(1, Math.floor(SLICE_BYTES / (rowLength * elementBytes[dtype])));
    for (let row = 0; row < rows && values.length > 0; row += rowsPerSlice) {
      const count = Math.min(rowsPerSlice, rows - row);
      const slice = shape.length === 0 ? undefined : { start: [row, ...rest.map(() => 0)], count: [count, ...rest] };
      const bytes = this.readSlice(path, slice, count * rowLength * elementBytes[dtype]);
      values.set(toFloat32(bytes, dtype), row * rowLength);
    }
    return values;
  }

  /** Lets go of the file; a second time does nothing. */
  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    closeBoth(this.name, this.functions, this.fileId, this.hostFile);
  }

  /** Bytes of a box of a dataset, little-endian, or of all of it without one. */
  private readSlice(
    path: string,
    slice: { readonly start: readonly number[]; readonly count: readonly number[] } | undefined,
    sizeBytes: number,
  ): Uint8Array<ArrayBuffer> {
    const unreadable = `the data of ${shownName(path)} cannot be read`;
    return orDamaged(this.name, unreadable, () => {
      const address = this.functions._malloc(sizeBytes);
      if (address === 0) throw new Error(`No room for ${sizeBytes} bytes in the memory of the HDF5 library`);
      try {
        const count = slice?.count.map(BigInt) ?? null;
        const start = slice?.start.map(BigInt) ?? null;
        const stride = slice?.start.map(() => 1n) ?? null;
        // Dataset.slice of h5wasm would not look at the status, and return whatever lies in memory.
        const status = this.functions.get_dataset_data(this.fileId, path, count, start, stride, BigInt(address));
        if (status < 0 || this.hostFile.failed) throw damagedFile(this.name, unreadable);
        return new Uint8Array(this.functions.HEAPU8.subarray(address, address + sizeBytes));
      } finally {
        this.functions._free(address);
      }
    });
  }
}

/** Checked before the library is loaded, which takes a while. @returns the base name */
async function checkSignature(path: string): Promise<string> {
  const file = await CheckpointFile.open(path);
  try {
    const start = await file.read(0, Math.min(SIGNATURE.length, file.size));
    if (Buffer.from(start).toString('latin1') !== SIGNATURE) {
      throw unsupportedFile(file.name, 'does not begin like an HDF5 file');
    }
    return file.name;
  } finally {
    await file.close();
  }
}

/** The C library, and WebAssembly when it is led astray by a damaged file, throw what they like. */
function orDamaged<Result>(fileName: string, detail: string, action: () => Result): Result {
  try {
    return action();
  } catch (cause) {
    throw cause instanceof UserError ? cause : damagedFile(fileName, detail, cause);
  }
}

function closeBoth(fileName: string, functions: Hdf5Functions, fileId: bigint, hostFile: Hdf5HostFile): void {
  try {
    if (fileId >= 0n) orDamaged(fileName, 'it cannot be closed', () => functions.close_file(fileId));
  } finally {
    hostFile.close();
  }
}
