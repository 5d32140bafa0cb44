import type { CheckpointFile } from '../checkpointFile.ts';
import { damagedFile, shownName, unsupportedFile } from '../checkpointRefusals.ts';
import { unpickle } from './pickleMachine.ts';
import { PickleCutOff } from './pickleReader.ts';
import { MAX_PICKLE_BYTES, type PytorchLayout } from './pytorchLayout.ts';
import { TorchVocabulary } from './pytorchVocabulary.ts';
import { readStored, type StoredBytes } from './storedBytes.ts';
import { readZipDirectory } from './zipDirectory.ts';
import { locateZipEntry } from './zipEntryBytes.ts';

const PICKLE_NAME = /^[^/]*\/data\.pkl$/;

/**
 * Reads the layout of PyTorch 1.6 and later: a zip archive with the pickle in `data.pkl` and every storage in an entry of
 * its own under `data/`, all in one folder of any name.
 * @throws UserError BAD_CHECKPOINT for every defect, and for a pickle that asks for more than weights
 */
export async function readPytorchArchive(file: CheckpointFile): Promise<PytorchLayout> {
  const archive = await Archive.open(file);
  const { value, storages: references } = unpickleWhole(await archive.readEntry('data.pkl', MAX_PICKLE_BYTES), file);
  const storages = new Map<string, StoredBytes>();
  for (const { key } of references) {
    if (!storages.has(key)) storages.set(key, await archive.locate(`data/${key}`));
  }
  return { saved: value, storages, bigEndian: await isBigEndian(archive, file) };
}

/** The entries of the folder in which the pickle lies. */
class Archive {
  private constructor(
    private readonly file: CheckpointFile,
    private readonly directory: Awaited<ReturnType<typeof readZipDirectory>>,
    private readonly folder: string,
  ) {}

  static async open(file: CheckpointFile): Promise<Archive> {
    const directory = await readZipDirectory(file);
    const [pickle, ...others] = [...directory.entries.keys()].filter((name) => PICKLE_NAME.test(name));
    if (pickle === undefined || others.length > 0) {
      throw unsupportedFile(
        file.name,
        `is an archive with ${others.length + (pickle ? 1 : 0)} pickles in place of one`,
      );
    }
    return new Archive(file, directory, pickle.slice(0, -'data.pkl'.length));
  }

  has(name: string): boolean {
    return this.directory.entries.has(this.folder + name);
  }

  async locate(name: string): Promise<StoredBytes> {
    const entry = this.directory.entries.get(this.folder + name);
    if (entry === undefined) throw damagedFile(this.file.name, `its archive has no entry ${shownName(name)}`);
    return locateZipEntry(this.file, this.directory, entry);
  }

  async readEntry(name: string, maxBytes: number): Promise<Uint8Array> {
    const stored = await this.locate(name);
    if (stored.size > maxBytes) throw unsupportedFile(this.file.name, `has ${stored.size} bytes in ${name}`);
    return readStored(this.file, stored, 0, stored.size);
  }
}

function unpickleWhole(bytes: Uint8Array, file: CheckpointFile) {
  const vocabulary = new TorchVocabulary();
  try {
    return { value: unpickle(bytes, vocabulary, file.name).value, storages: vocabulary.storages };
  } catch (error) {
    if (error instanceof PickleCutOff) throw damagedFile(file.name, 'its pickle is cut off', error);
    throw error;
  }
}

/** Versions before 2.1 wrote no entry for it, nearly all of them on little-endian machines: torch.load assumes so too. */
async function isBigEndian(archive: Archive, file: CheckpointFile): Promise<boolean> {
  if (!archive.has('byteorder')) return false;
  const order = Buffer.from(await archive.readEntry('byteorder', 'little'.length)).toString('latin1');
  if (order !== 'little' && order !== 'big') throw damagedFile(file.name, 'it does not tell the order of its bytes');
  return order === 'big';
}
