import { text } from 'node:stream/consumers';
import { type Entry, openPromise } from 'yauzl';
import { throwIfCancelled } from '../../../core/cancellation.ts';
import type { InstalledFile, LibraryName } from './installation.ts';
import { missingLibrary } from './missingLibrary.ts';
import { type UnpackedArchive, type UnpackOptions, writeLibrary } from './writeLibrary.ts';

/** The first has the whole of the C interface, under another name than in an archive of the library alone. */
const MEMBERS: readonly (readonly [LibraryName, string])[] = [
  ['libtensorflow.so.2', 'tensorflow/libtensorflow_cc.so.2'],
  ['libtensorflow_framework.so.2', 'tensorflow/libtensorflow_framework.so.2'],
];
/** Source: Python packaging, "Core metadata specifications" */
const METADATA = /^tensorflow[^/]*\.dist-info\/METADATA$/;
const MAX_METADATA_BYTES = 1 << 20;

/**
 * Unpacks the libraries of a wheel of `tensorflow-cpu`.
 * @throws UserError BAD_ARCHIVE where one is missing; Error where the archive is damaged
 */
export async function unpackWheel(file: string, options: UnpackOptions): Promise<UnpackedArchive> {
  const zip = await openPromise(file, { autoClose: false });
  try {
    const members = new Map<string, Entry>();
    let metadata: Entry | undefined;
    for await (const entry of zip.eachEntry()) {
      throwIfCancelled(options.signal);
      if (MEMBERS.some(([, member]) => member === entry.fileName)) members.set(entry.fileName, entry);
      if (METADATA.test(entry.fileName) && entry.uncompressedSize <= MAX_METADATA_BYTES) metadata = entry;
    }
    const found = MEMBERS.map(([name, member]) => {
      const entry = members.get(member);
      if (entry === undefined) throw missingLibrary(member);
      return { name, entry, sizeBytes: entry.uncompressedSize };
    });
    await options.onSize(found.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
    const files: InstalledFile[] = [];
    for (const library of found) {
      files.push(await writeLibrary(library, await zip.openReadStreamPromise(library.entry), options));
    }
    const lines = metadata === undefined ? '' : await text(await zip.openReadStreamPromise(metadata));
    return { version: /^Version: *(\S+)/m.exec(lines)?.[1], files };
  } finally {
    zip.close();
  }
}
