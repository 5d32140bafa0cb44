import { createReadStream } from 'node:fs';
import { posix } from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { Parser } from 'tar/parse';
import type { ReadEntry } from 'tar/read-entry';
import { cancelled } from '../../../core/cancellation.ts';
import { type InstalledFile, LIBRARY_NAMES, type LibraryName } from './installation.ts';
import { missingLibrary } from './missingLibrary.ts';
import { type FoundLibrary, type UnpackedArchive, type UnpackOptions, writeLibrary } from './writeLibrary.ts';

const LIBRARY_FOLDER = 'lib';
const MAX_LINKS = 8;

/** An entry as the first reading saw it. */
interface SeenEntry {
  /** In the order of the archive, which may have a name twice: the last one counts. */
  readonly index: number;
  readonly sizeBytes: number;
  /** Where a link points to, from the top of the archive. */
  readonly linksTo: string | undefined;
}

interface FoundEntry extends FoundLibrary {
  readonly index: number;
  readonly path: string;
}

/**
 * Unpacks the libraries of an archive such as `libtensorflow-cpu-linux-x86_64-2.9.1.tar.gz`. It is read twice: their names are
 * links, which may stand before or behind the files.
 * @throws UserError BAD_ARCHIVE where one is missing; Error where the archive is damaged
 */
export async function unpackTar(file: string, options: UnpackOptions): Promise<UnpackedArchive> {
  const { signal, onSize } = options;
  const entries = await listEntries(file, signal);
  const found = LIBRARY_NAMES.map((name) => findLibrary(name, entries));
  await onSize(found.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
  const written = new Map<LibraryName, InstalledFile>();
  await eachEntry(file, signal, async (entry, index) => {
    const library = found.find((each) => each.index === index);
    if (library === undefined) entry.resume();
    else written.set(library.name, await writeLibrary(library, entry, options));
  });
  const [, version] = /\.so\.(\d+\.\d+\.\d+.*)$/.exec(found[0]?.path ?? '') ?? [];
  return { version, files: LIBRARY_NAMES.flatMap((name) => written.get(name) ?? []) };
}

async function listEntries(file: string, signal: AbortSignal): Promise<Map<string, SeenEntry>> {
  const entries = new Map<string, SeenEntry>();
  await eachEntry(file, signal, async (entry, index) => {
    const path = posix.normalize(entry.path);
    const target = entry.linkpath ?? '';
    const linksTo = new Map<string, string>([
      ['SymbolicLink', posix.join(posix.dirname(path), target)],
      ['Link', posix.normalize(target)],
    ]).get(entry.type);
    if (linksTo !== undefined || entry.type === 'File') entries.set(path, { index, sizeBytes: entry.size, linksTo });
    entry.resume();
  });
  return entries;
}

/** @throws UserError BAD_ARCHIVE */
function findLibrary(name: LibraryName, entries: ReadonlyMap<string, SeenEntry>): FoundEntry {
  let path = posix.join(LIBRARY_FOLDER, name);
  for (let links = 0; links <= MAX_LINKS; links++) {
    const entry = entries.get(path);
    if (entry === undefined) break;
    if (entry.linksTo === undefined) return { name, path, index: entry.index, sizeBytes: entry.sizeBytes };
    path = entry.linksTo;
  }
  throw missingLibrary(posix.join(LIBRARY_FOLDER, name));
}

/** Reads an archive; each entry is to be read or resumed. Node unpacks the gzip, and says where it is cut short. */
async function eachEntry(
  file: string,
  signal: AbortSignal,
  visit: (entry: ReadEntry, index: number) => Promise<void>,
): Promise<void> {
  const visits: Promise<void>[] = [];
  const reading: { entry?: ReadEntry } = {};
  let index = 0;
  const parser = new Parser({
    onReadEntry: (entry) => {
      reading.entry = entry;
      // Whoever reads it meets the error; after that nobody listens, and Node would take it for a defect.
      entry.on('error', () => {});
      visits.push(visit(entry, index++).catch((error: Error) => void sink.destroy(error)));
    },
    onwarn: (code, message) => {
      if (code === 'TAR_BAD_ARCHIVE') sink.destroy(new Error(String(message)));
    },
  });
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      if (parser.write(chunk)) done();
      else parser.once('drain', () => done());
    },
    final: (done) => {
      parser.once('end', () => done());
      parser.end();
    },
  });
  parser.on('error', (error: Error) => sink.destroy(error));
  try {
    await pipeline(createReadStream(file), createGunzip(), sink, { signal });
  } catch (error) {
    // Whoever reads an entry waits for more of it, which does not come.
    reading.entry?.destroy(new Error('the archive could not be read further'));
    throw signal.aborted ? cancelled() : error;
  } finally {
    await Promise.all(visits);
  }
}
