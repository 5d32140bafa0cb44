import { damagedFile, shownName, unsupportedFile } from '../checkpointRefusals.ts';
import { elementCount, elementSpan, isContiguous } from '../stridedTensor.ts';
import { elementBytes } from '../tensorElements.ts';
import type { TensorDataType } from '../tensorSource.ts';
import { isKind, type PickleDict, type PickleValue } from './pickleValue.ts';
import type { PytorchLayout } from './pytorchLayout.ts';
import { TorchTensor } from './pytorchVocabulary.ts';
import type { StoredBytes } from './storedBytes.ts';

/** Keys under which training scripts keep the weights among other things. */
const WRAPPER_KEYS = ['state_dict', 'model_state_dict', 'model'];
/** 2 GiB as float32; the largest table of a BERT has half of it. */
const MAX_ELEMENTS = 2 ** 29;
/** For a tensor with more elements than the file holds of it. No weights of a BERT are such. */
const MAX_REPEATED_ELEMENTS = 2 ** 24;

/** A tensor whose elements were found to lie within their storage. */
export interface PlacedTensor {
  readonly dtype: TensorDataType;
  readonly shape: readonly number[];
  /** In elements. */
  readonly strides: readonly number[];
  readonly contiguous: boolean;
  /** The bytes of the storage. */
  readonly stored: StoredBytes;
  /** Where in the storage the first element begins, and bytes up to the end of the last one. */
  readonly begin: number;
  readonly length: number;
}

/**
 * Finds the named tensors in what was saved, which is a dict of them or holds one, and places each in its storage.
 * Whatever else the dict holds is passed over.
 * @throws UserError BAD_CHECKPOINT if there are no tensors, or one does not lie within its storage
 */
export function placeTensors(layout: PytorchLayout, fileName: string): ReadonlyMap<string, PlacedTensor> {
  const placed = new Map<string, PlacedTensor>();
  for (const [name, value] of stateDict(layout.saved)?.entries ?? []) {
    if (typeof name !== 'string' || !(value instanceof TorchTensor)) continue;
    placed.set(name, placeTensor(shownName(name), value, layout.storages.get(value.storage.key), fileName));
  }
  if (placed.size === 0) throw unsupportedFile(fileName, 'holds no tensors under names');
  return placed;
}

function stateDict(saved: PickleValue): PickleDict | undefined {
  if (!isKind(saved, 'dict')) return undefined;
  const wrapped = WRAPPER_KEYS.map((key) => saved.entries.get(key)).find(holdsTensors);
  return wrapped ?? saved;
}

function holdsTensors(value: PickleValue | undefined): value is PickleDict {
  return isKind(value, 'dict') && [...value.entries.values()].some((item) => item instanceof TorchTensor);
}

function placeTensor(
  name: string,
  { storage, offset, shape, strides }: TorchTensor,
  stored: StoredBytes | undefined,
  fileName: string,
): PlacedTensor {
  const bytesEach = elementBytes[storage.dtype];
  if (stored?.size !== storage.length * bytesEach) {
    throw damagedFile(
      fileName,
      `the storage of ${name} has ${stored?.size ?? 0} bytes, not ${storage.length} elements`,
    );
  }
  const span = elementSpan(shape, strides);
  if (offset + span > storage.view.length) {
    throw damagedFile(fileName, `${name} reaches beyond the ${storage.view.length} elements of its storage`);
  }
  const count = elementCount(shape);
  if (count > MAX_ELEMENTS || (count > span && count > MAX_REPEATED_ELEMENTS)) {
    throw unsupportedFile(fileName, `blows ${name} up to ${count} elements`);
  }
  return {
    dtype: storage.dtype,
    shape,
    strides,
    contiguous: isContiguous(shape, strides),
    stored,
    begin: (storage.view.begin + offset) * bytesEach,
    length: span * bytesEach,
  };
}
