import { type FSWatcher, watch } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { REGISTRY_FILE } from './registryFolder.ts';

/** How often a folder is looked at. */
export interface WatchTiming {
  /** After the system has said that something changed; of a burst of changes one look is had. */
  readonly settleMs: number;
  /** Without being told: network drives say nothing, and a folder may not be there yet. */
  readonly pollMs: number;
}

const DEFAULT_TIMING: WatchTiming = { settleMs: 100, pollMs: 5_000 };

/**
 * Calls `onChange` when there are other versions in a registry's folder than there are when the promise is fulfilled, or its
 * `registry.json` is another.
 */
export async function watchFolder(
  directory: string,
  onChange: () => void,
  { settleMs, pollMs }: WatchTiming = DEFAULT_TIMING,
): Promise<{ dispose(): void }> {
  let disposed = false;
  let watcher: FSWatcher | undefined;
  let settling: NodeJS.Timeout | undefined;
  let known = Promise.resolve(await signature(directory));

  const stopWatcher = () => {
    watcher?.close();
    watcher = undefined;
  };
  const look = () => {
    settling = undefined;
    const before = known;
    known = signature(directory);
    void Promise.all([before, known]).then(([old, now]) => {
      if (!disposed && old !== now) onChange();
    });
  };
  const startWatcher = () => {
    try {
      watcher ??= watch(directory, { persistent: false }, () => {
        settling ??= setTimeout(look, settleMs).unref();
      }).on('error', stopWatcher);
    } catch {
      // It is not there, or the system has no watcher left: it is polled.
    }
  };
  startWatcher();
  const polling = setInterval(() => {
    startWatcher();
    look();
  }, pollMs).unref();

  return {
    dispose() {
      disposed = true;
      clearInterval(polling);
      clearTimeout(settling);
      stopWatcher();
    },
  };
}

/** Differs when versions come or go or `registry.json` is replaced; not for locks and temporary files. */
async function signature(directory: string): Promise<string> {
  const names = await readdir(directory).catch(() => []);
  const { ino, mtimeMs } = await stat(path.join(directory, REGISTRY_FILE)).catch(() => ({ ino: 0, mtimeMs: 0 }));
  return JSON.stringify([names.filter((name) => !name.startsWith('.')).sort(), ino, mtimeMs]);
}
