import type { TensorDataType } from '../tensorSource.ts';
import { plainConstructors } from './pickleConstructors.ts';
import type { PickleVocabulary } from './pickleMachine.ts';
import {
  isKind,
  isSize,
  itemsOf,
  type PickleGlobal,
  type PickleObject,
  type PickleValue,
  sizesOf,
} from './pickleValue.ts';

/** The limit of torch on the dimensions of a tensor. */
const MAX_RANK = 64;

/** A storage that a pickle refers to: a run of elements that lies elsewhere in the file. */
export class TorchStorage implements PickleObject {
  readonly kind = 'object';
  constructor(
    /** Under which the file keeps its bytes. */
    readonly key: string,
    readonly dtype: TensorDataType,
    /** Number of its elements. */
    readonly length: number,
    /** The part that the reference means: 0-based first element, and number of elements. */
    readonly view: { readonly begin: number; readonly length: number },
  ) {}
}

/** A tensor of a pickle: elements of a storage. Offset and strides count elements; nothing is checked against the storage. */
export class TorchTensor implements PickleObject {
  readonly kind = 'object';
  constructor(
    readonly storage: TorchStorage,
    readonly offset: number,
    readonly shape: readonly number[],
    /** One for each dimension. */
    readonly strides: readonly number[],
  ) {}
}

const storageTypes: ReadonlyMap<string, TensorDataType> = new Map(
  Object.entries({
    DoubleStorage: 'F64',
    FloatStorage: 'F32',
    HalfStorage: 'F16',
    BFloat16Storage: 'BF16',
    LongStorage: 'I64',
    IntStorage: 'I32',
    ShortStorage: 'I16',
    CharStorage: 'I8',
    ByteStorage: 'U8',
    BoolStorage: 'BOOL',
    UntypedStorage: 'U8',
  } satisfies Record<string, TensorDataType>).flatMap(([name, dtype]): [string, TensorDataType][] =>
    // Old versions named the device on which the model had been.
    ['torch', 'torch.cuda', 'torch.storage'].map((module) => [`${module}.${name}`, dtype]),
  ),
);

const torchGlobals: ReadonlyMap<string, PickleGlobal> = new Map([
  ...plainConstructors,
  ...[...storageTypes.keys()].map((name): [string, PickleGlobal] => [name, { kind: 'global', name }]),
  ...[
    { kind: 'global', name: 'torch._utils._rebuild_tensor_v2', call: rebuildTensor } as const,
    { kind: 'global', name: 'torch._utils._rebuild_parameter', call: rebuildParameter } as const,
  ].map((global): [string, PickleGlobal] => [global.name, global]),
]);

/**
 * What the pickle of a checkpoint may name, and the storages that it referred to. One serves one pickle.
 * Source: torch/_utils.py and torch/serialization.py of PyTorch
 */
export class TorchVocabulary implements PickleVocabulary {
  readonly globals = torchGlobals;
  private readonly references: TorchStorage[] = [];

  /** In the order of the references; several may have one key. */
  get storages(): readonly TorchStorage[] {
    return this.references;
  }

  /** A tuple of 'storage', type, key, device and number of elements, and in the legacy layout of the view or None. */
  persistentLoad(id: PickleValue): PickleValue | undefined {
    const [tag, type, key, , length, view = null] = isKind(id, 'tuple') ? id.items : [];
    const dtype = isKind(type, 'global') ? storageTypes.get(type.name) : undefined;
    if (tag !== 'storage' || dtype === undefined || typeof key !== 'string' || !isSize(length)) return undefined;
    const part = view === null ? { begin: 0, length } : viewOf(view);
    if (part === undefined || part.begin + part.length > length) return undefined;
    const storage = new TorchStorage(key, dtype, length, part);
    this.references.push(storage);
    return storage;
  }
}

/** A tuple of a key for the view itself, the first element, and the number of elements. */
function viewOf(view: PickleValue): TorchStorage['view'] | undefined {
  const [, begin, length] = itemsOf(view) ?? [];
  return isSize(begin) && isSize(length) ? { begin, length } : undefined;
}

function rebuildTensor(args: readonly PickleValue[]): PickleValue | undefined {
  const [storage, offset, size, stride, , , metadata = null] = args;
  const [shape, strides] = [sizesOf(size), sizesOf(stride)];
  if (!(storage instanceof TorchStorage) || !isSize(offset) || shape === undefined || strides === undefined) {
    return undefined;
  }
  // Metadata says that the elements are meant negated or conjugated.
  const isPlain = metadata === null || (isKind(metadata, 'dict') && metadata.entries.size === 0);
  if (!isPlain || shape.length !== strides.length || shape.length > MAX_RANK) return undefined;
  return new TorchTensor(storage, offset, shape, strides);
}

function rebuildParameter([data]: readonly PickleValue[]): PickleValue | undefined {
  return data instanceof TorchTensor ? data : undefined;
}
