import type { PickleValue } from './pickleValue.ts';
import type { StoredBytes } from './storedBytes.ts';

/** Largest pickle that is read, in bytes: that of a large BERT has 50 kB. */
export const MAX_PICKLE_BYTES = 2 ** 26;

/** What both layouts of torch.save hold. */
export interface PytorchLayout {
  /** The object that was saved. */
  readonly saved: PickleValue;
  /** Where the bytes of the storages lie, by key: of every storage to which the object refers. */
  readonly storages: ReadonlyMap<string, StoredBytes>;
  /** Whether the elements of the storages are big-endian. */
  readonly bigEndian: boolean;
}
