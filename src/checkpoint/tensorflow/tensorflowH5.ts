import { damagedFile, shownName, unsupportedFile } from '../checkpointRefusals.ts';
import type { TensorDataType, TensorSource } from '../tensorSource.ts';
import { transpose } from '../transpose.ts';
import type { Hdf5Dataset } from './hdf5Datasets.ts';
import { Hdf5File } from './hdf5File.ts';
import { tensorflowName } from './tensorflowH5Names.ts';

interface Entry {
  readonly dataset: Hdf5Dataset;
  readonly shape: readonly number[];
  readonly isTransposed: boolean;
}

/**
 * The weights of a TensorFlow model of Hugging Face, `tf_model.h5`, under the names and in the shapes that the same model has in
 * PyTorch. Unlike other sources this one does not keep the file's own spelling: that depends on how the notebook was run.
 */
export class TensorflowH5File implements TensorSource {
  readonly fileName: string;

  private constructor(
    private readonly file: Hdf5File,
    private readonly entries: ReadonlyMap<string, Entry>,
  ) {
    this.fileName = file.name;
  }

  /**
   * Opens a file and reads its index. Loads the HDF5 library, about 0.1 s the first time in a process.
   * @throws UserError FILE_NOT_FOUND, IO_ERROR, or BAD_CHECKPOINT for a file that is no HDF5, is cut off, is damaged or has its
   * weights in another layout
   */
  static async open(file: string): Promise<TensorflowH5File> {
    const hdf5 = await Hdf5File.open(file);
    try {
      return new TensorflowH5File(hdf5, nameEntries(hdf5));
    } catch (error) {
      hdf5.close();
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
    return this.entry(name).dataset.dtype;
  }

  async read(name: string): Promise<Float32Array> {
    const { dataset, isTransposed } = this.entry(name);
    const values = this.file.read(dataset);
    const [inputs = 0, outputs = 0] = dataset.shape;
    return isTransposed ? transpose(values, inputs, outputs) : values;
  }

  async close(): Promise<void> {
    this.file.close();
  }

  private entry(name: string): Entry {
    const entry = this.entries.get(name);
    if (entry === undefined) throw new Error(`${this.fileName} has no tensor ${name}`);
    return entry;
  }
}

function nameEntries(file: Hdf5File): ReadonlyMap<string, Entry> {
  const entries = new Map<string, Entry>();
  for (const dataset of file.datasets) {
    const named = tensorflowName(dataset.path);
    if (named === undefined) continue;
    if (entries.has(named.name)) throw damagedFile(file.name, `it holds ${shownName(named.name)} twice`);
    const isTransposed = named.isTransposed && dataset.shape.length === 2;
    entries.set(named.name, {
      dataset,
      isTransposed,
      shape: isTransposed ? dataset.shape.toReversed() : dataset.shape,
    });
  }
  if (![...entries.keys()].some((name) => name.endsWith('embeddings.word_embeddings.weight'))) {
    throw unsupportedFile(file.name, 'does not hold the weights of a TensorFlow model of Hugging Face');
  }
  return entries;
}
