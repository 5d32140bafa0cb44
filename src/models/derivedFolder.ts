import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { renameUnlessOccupied, stageBeside } from './stagedFolder.ts';

const MANIFEST = 'manifest.json';
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
  await stageBeside(directory, async (staging) => {
    const filled = path.join(staging, 'new');
    await mkdir(filled);
    await fill(filled);
    await writeFile(path.join(filled, MANIFEST), JSON.stringify(await describeFiles(filled)));
    await publish(filled, directory, path.join(staging, 'damaged'));
  });
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
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    });
  }
  throw new Error(`A damaged folder came back ${PUBLISH_ATTEMPTS} times while it was being replaced`);
}
