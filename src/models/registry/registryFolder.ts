import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { syncFolder } from '../stagedFolder.ts';
import type { RegistryScope } from './activation.ts';
import { listVersions, type ModelVersion } from './modelVersion.ts';
import { patientRename } from './patientRename.ts';
import { DEFAULT_LOCK_TIMING, LockLostError, type LockTiming, RegistryLock } from './registryLock.ts';
import { EMPTY_STATE, formatRegistryState, parseRegistryState, type RegistryState } from './registryState.ts';
import { removeLeftovers, temporaryEntry } from './temporaryEntry.ts';

export const REGISTRY_FILE = 'registry.json';
const ATTEMPTS_WITH_LOST_LOCK = 3;

/** What is in a registry's folder at one moment. */
export interface RegistryContent {
  /** Newest first. */
  readonly versions: readonly ModelVersion[];
  /** Its names are those of `versions`, no more and no fewer. */
  readonly state: RegistryState;
}

/** How a registry's folder is worked with. */
export interface RegistryFolderOptions {
  readonly lockTiming?: LockTiming;
  /** Told, in a sentence for the user, that the list of models was damaged and what became of it. */
  readonly onRepair?: (sentence: string) => void;
}

/**
 * A folder of versions with `registry.json` beside them. The folders are the truth: the file only adds names and choices. One
 * process at a time changes it, and each step that others can see is one rename.
 */
export class RegistryFolder {
  constructor(
    readonly directory: string,
    readonly scope: RegistryScope,
    private readonly options: RegistryFolderOptions = {},
  ) {}

  /** Reads without waiting for anyone; a damaged `registry.json` is set aside first. @throws UserError REGISTRY_TOO_NEW */
  async read(): Promise<RegistryContent> {
    let text = await this.readText();
    for (;;) {
      const state = stateOf(text);
      // `change` sets it aside.
      if (state === 'damaged') return this.change((transaction) => Promise.resolve(transaction.content));
      const content = await this.content(state);
      const textNow = await this.readText();
      // Otherwise a version that was added meanwhile would be shown under the name of its manifest.
      if (textNow === text) return content;
      text = textNow;
    }
  }

  /**
   * Has `work` change the folder while nobody else does. It is begun again if this process stood still for so long that another
   * took over.
   * @throws UserError REGISTRY_BUSY, REGISTRY_TOO_NEW, CANCELLED
   */
  async change<T>(work: (transaction: RegistryTransaction) => Promise<T>, signal?: AbortSignal): Promise<T> {
    await mkdir(this.directory, { recursive: true });
    await removeLeftovers(this.directory);
    for (let attempt = 1; ; attempt++) {
      const lock = await RegistryLock.acquire(this.directory, this.options.lockTiming ?? DEFAULT_LOCK_TIMING, signal);
      try {
        return await work(await this.begin(lock));
      } catch (error) {
        if (!(error instanceof LockLostError) || attempt === ATTEMPTS_WITH_LOST_LOCK) throw error;
      } finally {
        await lock.release();
      }
    }
  }

  private async begin(lock: RegistryLock): Promise<RegistryTransaction> {
    const state = stateOf(await this.readText());
    if (state !== 'damaged') return new RegistryTransaction(this.directory, await this.content(state), lock);
    const kept = freeName(path.join(this.directory, `${REGISTRY_FILE}.damaged`));
    lock.assertHeld();
    await patientRename(path.join(this.directory, REGISTRY_FILE), kept);
    const transaction = new RegistryTransaction(this.directory, await this.content(EMPTY_STATE), lock);
    await transaction.save({});
    this.options.onRepair?.(
      'The list of models was damaged and was made again from the model folders, each under the name it was made with. ' +
        `Choose the model to predict with again. The damaged list is kept as ${path.basename(kept)}.`,
    );
    return transaction;
  }

  private async content({ names, workspaces }: RegistryState): Promise<RegistryContent> {
    const versions = await listVersions(this.directory, this.scope, names);
    return { versions, state: { names: new Map(versions.map(({ id, name }) => [id, name])), workspaces } };
  }

  private async readText(): Promise<string | undefined> {
    try {
      return await readFile(path.join(this.directory, REGISTRY_FILE), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }
}

/** What a registry's folder holds, and the steps to change it; each is there whole or not at all. */
export class RegistryTransaction {
  constructor(
    private readonly directory: string,
    readonly content: RegistryContent,
    private readonly lock: RegistryLock,
  ) {}

  /** @throws LockLostError if what is known of the folder may be out of date */
  assertHeld(): void {
    this.lock.assertHeld();
  }

  /** Replaces `registry.json`; what is not given stays as it is. */
  async save(changes: Partial<RegistryState>): Promise<void> {
    const temporary = temporaryEntry(this.directory);
    try {
      const handle = await open(temporary, 'wx');
      try {
        await handle.writeFile(formatRegistryState({ ...this.content.state, ...changes }));
        await handle.sync();
      } finally {
        await handle.close();
      }
      this.lock.assertHeld();
      await patientRename(temporary, path.join(this.directory, REGISTRY_FILE));
      await syncFolder(this.directory);
    } finally {
      await rm(temporary, { force: true });
    }
  }

  /** Makes a finished folder the version `id`. */
  async publish(staged: string, id: string): Promise<void> {
    this.lock.assertHeld();
    await patientRename(staged, path.join(this.directory, id));
    await syncFolder(this.directory);
  }

  /** Takes a version out of the registry. @returns its folder under another name, to be deleted */
  async discard(id: string): Promise<string> {
    const discarded = temporaryEntry(this.directory);
    this.lock.assertHeld();
    await patientRename(path.join(this.directory, id), discarded);
    await syncFolder(this.directory);
    return discarded;
  }
}

function stateOf(text: string | undefined): RegistryState | 'damaged' {
  return text === undefined ? EMPTY_STATE : (parseRegistryState(text) ?? 'damaged');
}

/** `stem-1`, or the first number that is not taken. */
function freeName(stem: string): string {
  for (let number = 1; ; number++) {
    if (!existsSync(`${stem}-${number}`)) return `${stem}-${number}`;
  }
}
