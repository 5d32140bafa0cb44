import { elementCount } from '../stridedTensor.ts';
import type { TensorDataType } from '../tensorSource.ts';
import type { Hdf5Functions } from './hdf5Library.ts';

/** BERT-large in TensorFlow's layout nests 9 deep and has about 1,100 groups and datasets. */
const MAX_DEPTH = 32;
const MAX_OBJECTS = 20_000;
/** The most that deflate can do. Source: https://zlib.net/zlib_tech.html */
const MAX_COMPRESSION = 1032;

/** An array of floating-point numbers in an HDF5 file. */
export interface Hdf5Dataset {
  /** From the root, with a leading slash, such as `/classifier/kernel:0`. */
  readonly path: string;
  /** Sizes of the dimensions; empty for a scalar. */
  readonly shape: readonly number[];
  readonly dtype: TensorDataType;
}

/**
 * Every dataset of floating-point numbers in a file, depth first. Links out of the file lead nowhere, since the library sees
 * no other file.
 * @param fileSize in bytes; a dataset that claims more than the file can hold is not listed
 * @throws Error, or whatever the library throws, if the index cannot be read
 * @returns undefined if there are more groups, or they nest deeper, than in any file of weights: they may run in circles
 */
export function listDatasets(
  functions: Hdf5Functions,
  fileId: bigint,
  fileSize: number,
): readonly Hdf5Dataset[] | undefined {
  const datasets: Hdf5Dataset[] = [];
  const pending = [{ path: '/', depth: 0 }];
  for (let objects = 0; objects < MAX_OBJECTS; objects++) {
    const next = pending.pop();
    if (next === undefined) return datasets;
    const type = functions.get_type(fileId, next.path);
    if (type === functions.H5G_DATASET) {
      const dataset = describeDataset(functions, fileId, next.path, fileSize);
      if (dataset !== undefined) datasets.push(dataset);
    } else if (type === functions.H5G_GROUP) {
      if (next.depth === MAX_DEPTH) return undefined;
      const names = functions.get_names(fileId, next.path, false).filter((name) => name !== '' && name !== '.');
      const prefix = next.path === '/' ? '/' : `${next.path}/`;
      pending.push(...names.map((name) => ({ path: prefix + name, depth: next.depth + 1 })).reverse());
    } else if (type < 0) {
      throw new Error(`The file's index names an object at depth ${next.depth} that is not there`);
    }
  }
  return undefined;
}

function describeDataset(
  functions: Hdf5Functions,
  fileId: bigint,
  path: string,
  fileSize: number,
): Hdf5Dataset | undefined {
  const { type, size, shape } = functions.get_dataset_metadata(fileId, path);
  const dtype = type === functions.H5T_class_t.H5T_FLOAT.value ? floatType(size) : undefined;
  if (dtype === undefined || shape === null) return undefined;
  const isCompressed = functions.get_dataset_filters(fileId, path).length > 0;
  const mostBytes = fileSize * (isCompressed ? MAX_COMPRESSION : 1);
  return elementCount(shape) * size <= mostBytes ? { path, shape, dtype } : undefined;
}

function floatType(sizeBytes: number): TensorDataType | undefined {
  if (sizeBytes === 2) return 'F16';
  if (sizeBytes === 4) return 'F32';
  return sizeBytes === 8 ? 'F64' : undefined;
}
