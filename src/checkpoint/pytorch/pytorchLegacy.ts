import type { CheckpointFile } from '../checkpointFile.ts';
import { damagedFile, unsupportedFile } from '../checkpointRefusals.ts';
import { elementBytes } from '../tensorElements.ts';
import { type PickleVocabulary, type Unpickled, unpickle } from './pickleMachine.ts';
import { PickleCutOff } from './pickleReader.ts';
import { itemsOf, type PickleValue } from './pickleValue.ts';
import { MAX_PICKLE_BYTES, type PytorchLayout } from './pytorchLayout.ts';
import { type TorchStorage, TorchVocabulary } from './pytorchVocabulary.ts';
import type { StoredBytes } from './storedBytes.ts';

const MAGIC_NUMBER = 0x1950a86a20f9469cfc6cn;
const PROTOCOL_VERSION = 1001;
/** Number of elements before those of a storage. */
const COUNT_BYTES = 8;
const FIRST_WINDOW_BYTES = 2 ** 17;

/**
 * Reads the layout before PyTorch 1.6: five pickles (magic number, version, facts of the machine, the object, keys of the
 * storages), then the storages in the order of the keys, each after the number of its elements.
 * @throws UserError BAD_CHECKPOINT for every defect, and for a pickle that asks for more than weights
 */
export async function readPytorchLegacy(file: CheckpointFile): Promise<PytorchLayout> {
  const pickles = new PickleSequenceReader(file);
  for (const expected of [MAGIC_NUMBER, PROTOCOL_VERSION]) {
    if ((await pickles.next()).value !== expected) {
      throw unsupportedFile(file.name, 'does not begin like a file of torch.save');
    }
  }
  // The storages are little-endian whatever these say: big-endian machines turn them round.
  await pickles.next();
  const { value: saved, storages: references } = await pickles.next();
  const { value: keys } = await pickles.next();
  return { saved, storages: await locateStorages(file, pickles.position, keys, references), bigEndian: false };
}

/** Reads pickles that follow each other in a file and do not tell their length. */
class PickleSequenceReader {
  /** Where the next pickle begins. */
  position = 0;

  constructor(private readonly file: CheckpointFile) {}

  /** A pickle that turns out to be longer than what was read of it is begun again with more. */
  async next(): Promise<{ readonly value: PickleValue; readonly storages: readonly TorchStorage[] }> {
    const rest = this.file.size - this.position;
    for (let size = Math.min(rest, FIRST_WINDOW_BYTES); ; size = Math.min(rest, 8 * size, MAX_PICKLE_BYTES)) {
      const vocabulary = new TorchVocabulary();
      const unpickled = this.attempt(await this.file.read(this.position, size), vocabulary);
      if (unpickled !== undefined) {
        this.position += unpickled.length;
        return { value: unpickled.value, storages: vocabulary.storages };
      }
      if (size === rest) throw damagedFile(this.file.name, `it ends after ${this.file.size} bytes, inside of a pickle`);
      if (size === MAX_PICKLE_BYTES) {
        throw unsupportedFile(this.file.name, `holds a pickle of more than ${MAX_PICKLE_BYTES} bytes`);
      }
    }
  }

  private attempt(bytes: Uint8Array, vocabulary: PickleVocabulary): Unpickled | undefined {
    try {
      return unpickle(bytes, vocabulary, this.file.name);
    } catch (error) {
      if (error instanceof PickleCutOff) return undefined;
      throw error;
    }
  }
}

async function locateStorages(
  file: CheckpointFile,
  start: number,
  keys: PickleValue,
  references: readonly TorchStorage[],
): Promise<ReadonlyMap<string, StoredBytes>> {
  const byKey = new Map(references.map((storage) => [storage.key, storage]));
  const stored = new Map<string, StoredBytes>();
  let position = start;
  for (const key of itemsOf(keys) ?? []) {
    const storage = typeof key === 'string' ? byKey.get(key) : undefined;
    if (storage === undefined || stored.has(storage.key)) {
      throw damagedFile(file.name, 'its list of storages does not fit its tensors');
    }
    const offset = position + COUNT_BYTES;
    const size = storage.length * elementBytes[storage.dtype];
    if (offset + size > file.size) {
      throw damagedFile(file.name, `it ends after ${file.size} bytes but its tensors need ${offset + size}`);
    }
    const count = new DataView((await file.read(position, COUNT_BYTES)).buffer).getBigUint64(0, true);
    if (count !== BigInt(storage.length)) {
      throw damagedFile(file.name, `a storage has ${count} elements in place of ${storage.length}`);
    }
    stored.set(storage.key, { offset, size, deflatedSize: undefined });
    position = offset + size;
  }
  if (stored.size !== byKey.size)
    throw damagedFile(file.name, `${byKey.size - stored.size} of its storages are missing`);
  return stored;
}
