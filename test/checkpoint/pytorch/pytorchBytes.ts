import {
  bytesOf,
  call,
  dict,
  global,
  int32Bytes,
  list,
  none,
  type PicklePart,
  pickleOf,
  text,
  tuple,
} from './pickleBytes.ts';
import { type ZipMember, zipBytes } from './zipBytes.ts';

/** A tensor as a pickle describes it; what is left out fits a contiguous float32 vector of the storage's length. */
export interface PickledTensor {
  readonly key: string;
  /** Number of elements of the storage. */
  readonly length: number;
  readonly type?: string;
  readonly offset?: number;
  readonly shape?: readonly number[];
  readonly strides?: readonly number[];
  /** The part of the storage that is meant, in the legacy layout. */
  readonly view?: { readonly begin: number; readonly length: number };
}

const orderedDict = call(global('collections', 'OrderedDict'));

/** The persistent reference to a storage. */
export function storageReference({ key, length, type = 'FloatStorage', view }: PickledTensor): Uint8Array {
  const viewItem = view === undefined ? none : tuple(text(`${key}v`), view.begin, view.length);
  return bytesOf(tuple(text('storage'), global('torch', type), text(key), text('cpu'), length, viewItem), 'Q');
}

/** The call that rebuilds a tensor. */
export function tensor(description: PickledTensor): Uint8Array {
  const { length, offset = 0, shape = [length], strides = [1] } = description;
  const rebuild = global('torch._utils', '_rebuild_tensor_v2');
  const storage = storageReference(description);
  return call(rebuild, storage, offset, tuple(...shape), tuple(...strides), bytesOf(0x89), orderedDict);
}

/** The bytes of float32 elements. */
export function floatBytes(...values: readonly number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer);
}

/** What a file holds: the instructions of its object, and the bytes of its storages in their order. */
export interface PytorchContent {
  readonly saved: PicklePart;
  readonly storages: Readonly<Record<string, Uint8Array>>;
}

/** Two tensors of one storage, as a file that the tests damage. */
export const smallContent: PytorchContent = {
  saved: dict({
    matrix: tensor({ key: '7', length: 6, shape: [2, 3], strides: [3, 1] }),
    transposed: tensor({ key: '7', length: 6, shape: [3, 2], strides: [1, 3] }),
  }),
  storages: { 7: floatBytes(1, 2, 3, 4, 5, 6) },
};

/** The members of a file in the zip layout. */
export function archiveMembers({ saved, storages }: PytorchContent, byteOrder = 'little'): ZipMember[] {
  return [
    { name: 'archive/data.pkl', bytes: pickleOf(saved) },
    { name: 'archive/byteorder', bytes: Buffer.from(byteOrder) },
    ...Object.entries(storages).map(([key, bytes]) => ({ name: `archive/data/${key}`, bytes })),
  ];
}

/** A file in the zip layout. */
export function archiveBytes(content: PytorchContent, byteOrder = 'little'): Uint8Array {
  return zipBytes(archiveMembers(content, byteOrder));
}

/** A file in the legacy layout; storages are of float32 unless `elementBytes` says otherwise. */
export function legacyBytes({ saved, storages }: PytorchContent, elementBytes = 4): Uint8Array {
  const magic = Buffer.from('6cfc9c46f9206aa85019', 'hex');
  return bytesOf(
    pickleOf(0x8a, magic.length, magic),
    pickleOf('M', 0xe9, 0x03),
    pickleOf(dict({})),
    pickleOf(saved),
    pickleOf(list(...Object.keys(storages).map(text))),
    ...Object.values(storages).map((bytes) => [int32Bytes(bytes.length / elementBytes), int32Bytes(0), bytes]),
  );
}
