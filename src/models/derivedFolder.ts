import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

const MANIFEST = 'manifest.json';
const TEMPORARY_PREFIX = '.making-';
const ABANDONED_AFTER_MS = 60 * 60 * 1000;
const PUBLISH_ATTEMPTS = 5;

/** What the files of a finished folder looked like. The time catches a checkpoint, linked in, that was overwritten. */
type Manifest = Record<string, { readonly sizeBytes: number; readonly modifiedMs: number }>;

/** Whether a folder is there and every file of it is as it was when it was finished. */
export async function isIntact(directory: string): Promise<boolean> {
  try {
    const recorded: unknown = JSON.parse(await readFile(path.join(directory, MANIFEST), 'utf8'));
    return JSON.stringify(await describeFiles(directory)) === JSON.stringify(recorded);
  } catch {
    // Absent, cut off or half deleted: whichever it is, it has to be made again.
    return false;
  }
}

/**
 * Makes `directory` whole or not at all: `fill` writes into a folder beside it, which then takes its place in one step. Of
 * several processes at once, one wins and the others find the folder intact.
 */
export async function makeFolder(directory: string, fill: (temporary: string) => Promise<void>): Promise<void> {
  const parent = path.dirname(directory);
  await mkdir(parent, { recursive: true });
  await removeAbandoned(parent);
  const temporary = await mkdtemp(path.join(parent, TEMPORARY_PREFIX));
  try {
    const filled = path.join(temporary, 'new');
    await mkdir(filled);
    await fill(filled);
    await writeFile(path.join(filled, MANIFEST), JSON.stringify(await describeFiles(filled)));
    await publish(filled, directory, path.join(temporary, 'damaged'));
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function describeFiles(directory: string): Promise<Manifest> {
  const names = (await readdir(directory)).filter((name) => name !== MANIFEST).sort();
  const facts = await Promise.all(names.map((name) => stat(path.join(directory, name))));
  return Object.fromEntries(
    facts.map(({ size, mtimeMs }, index) => [names[index] ?? '', { sizeBytes: size, modifiedMs: mtimeMs }]),
  );
}

async function publish(filled: string, directory: string, aside: string): Promise<void> {
  for (let attempt = 0; attempt < PUBLISH_ATTEMPTS; attempt++) {
    const occupied = await renameUnlessOccupied(filled, directory);
    if (!occupied || (await isIntact(directory))) return;
    await rename(directory, `${aside}-${attempt}`).catch((error: unknown) => {
      // Another process moved the damaged folder away first.
      if (errorCode(error) !== 'ENOENT') throw error;
    });
  }
  throw new Error(`A damaged folder came back ${PUBLISH_ATTEMPTS} times while it was being replaced`);
}

async function renameUnlessOccupied(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return false;
  } catch (error) {
    const code = errorCode(error) ?? '';
    // It was there a moment ago; another process may have moved it away by now.
    if (['EEXIST', 'ENOTEMPTY'].includes(code)) return true;
    // Windows answers EPERM or EACCES where others say that the folder is not empty.
    if (['EPERM', 'EACCES'].includes(code) && (await exists(to))) return true;
    throw error;
  }
}

/** Removes what a process that was killed could not. */
async function removeAbandoned(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith(TEMPORARY_PREFIX)) continue;
    const folder = path.join(parent, name);
    const modifiedMs = await stat(folder).then(
      ({ mtimeMs }) => mtimeMs,
      () => Number.POSITIVE_INFINITY,
    );
    if (Date.now() - modifiedMs > ABANDONED_AFTER_MS) await rm(folder, { recursive: true, force: true });
  }
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

function errorCode(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
