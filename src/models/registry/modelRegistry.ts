import { rm } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../core/userError.ts';
import { type FileProblem, MANIFEST_FILE, verifyFiles } from '../manifest.ts';
import { isSystemError } from '../stagedFolder.ts';
import {
  type Activation,
  chooseModel,
  currentModel,
  type ModelChoice,
  type ModelReference,
  type RegistryScope,
  rollBackModel,
  sameModel,
  type WorkspaceModels,
} from './activation.ts';
import { type AddedVersion, type AddOptions, addVersion, type FillVersion } from './addVersion.ts';
import type { ModelVersion } from './modelVersion.ts';
import { RegistryFolder, type RegistryFolderOptions, type RegistryTransaction } from './registryFolder.ts';
import { checkVersionName, sameName } from './versionName.ts';
import { watchFolder } from './watchFolder.ts';

/** Where the versions are, and for whom they are looked at. */
export interface ModelRegistryOptions extends RegistryFolderOptions {
  /** Folder of the versions that all workspaces share, made when the first is added. It also remembers who uses which. */
  readonly directory: string;
  readonly workspace: {
    /** Identifies the workspace among all of the user, such as its URI. */
    readonly key: string;
    /** Shown in other workspaces. */
    readonly name: string;
    /** Folder of its own versions; without it there are none. Leave it out for a workspace that is not trusted. */
    readonly directory?: string;
  };
  readonly now?: () => Date;
}

/** The model that a workspace predicts with. */
export interface ActiveModelVersion {
  readonly version: ModelVersion | 'built-in';
  /** ISO 8601, UTC; undefined if none was ever chosen. */
  readonly since?: string;
  /** The version that was chosen but is no longer there or is damaged: the built-in model stands in for it. */
  readonly missing?: ModelReference;
  /** What `rollBack` would go back to. */
  readonly earlier?: ModelVersion | 'built-in';
}

/** A line of a workspace's history. */
export interface PastActivation extends Activation {
  /** The version as it is now; undefined if it is no longer there. */
  readonly version: ModelVersion | 'built-in' | undefined;
}

/**
 * The versions of models, and which of them a workspace predicts with. Versions never change: they are added, renamed and
 * removed. Several processes may work on a registry at once, and one that is killed leaves the old state or the new one.
 *
 * The built-in model is not in the registry but can be chosen. All methods throw UserError IO_ERROR where the system refuses,
 * and REGISTRY_TOO_NEW; those that change something also REGISTRY_BUSY.
 */
export class ModelRegistry {
  readonly #global: RegistryFolder;
  readonly #own: RegistryFolder | undefined;

  constructor(private readonly options: ModelRegistryOptions) {
    const { directory } = options.workspace;
    this.#global = new RegistryFolder(path.resolve(options.directory), 'global', options);
    this.#own = directory === undefined ? undefined : new RegistryFolder(path.resolve(directory), 'workspace', options);
  }

  /** All versions, shared ones first, each kind newest first. */
  list(): Promise<readonly ModelVersion[]> {
    return this.#guard(async () => (await this.#read()).versions);
  }

  /**
   * Adds a version, see `addVersion`.
   * @param options.scope `global` unless it is given
   */
  add(fill: FillVersion, options: AddOptions & { readonly scope?: RegistryScope } = {}): Promise<AddedVersion> {
    return this.#guard(() => addVersion(this.#folder(options.scope ?? 'global'), fill, options));
  }

  /** @throws UserError BAD_NAME if it is unfit or another version of that scope has it, MODEL_NOT_FOUND */
  rename(reference: ModelReference, name: string): Promise<ModelVersion> {
    return this.#guard(() => {
      const checked = checkVersionName(name);
      return this.#folder(reference.scope).change(async (transaction) => {
        const { versions, state } = transaction.content;
        const version = found(versions, reference);
        if (versions.some((other) => other.id !== version.id && sameName(other.name, checked))) {
          throw new UserError('BAD_NAME', `There is another model called "${checked}": type another name.`);
        }
        await transaction.save({ names: new Map(state.names).set(version.id, checked) });
        return { ...version, name: checked };
      });
    });
  }

  /**
   * Deletes a version. The one that this workspace predicts with is never deleted.
   * @param force delete it although other workspaces predict with it; they get the built-in model and are told
   * @throws UserError MODEL_IN_USE with the names of the workspaces, MODEL_NOT_FOUND
   */
  remove(reference: ModelReference, { force = false } = {}): Promise<void> {
    return this.#guard(async () => {
      const discarded = await this.#global.change(async (transaction) => {
        const discard = async (from: RegistryTransaction) => {
          const version = found(from.content.versions, reference);
          this.#refuseInUse(version, transaction.content.state.workspaces, force);
          transaction.assertHeld();
          return discardVersion(from, version);
        };
        // The lock of the shared folder is held all along: nobody chooses the version meanwhile.
        return reference.scope === 'global' ? discard(transaction) : this.#folder('workspace').change(discard);
      });
      // What cannot be deleted now is a leftover, which goes later.
      await rm(discarded, { recursive: true, force: true }).catch(() => {});
    });
  }

  /** Chooses the model that this workspace predicts with. @throws UserError MODEL_NOT_FOUND, MODEL_DAMAGED */
  activate(choice: ModelChoice): Promise<void> {
    return this.#guard(() =>
      this.#global.change(async (transaction) => {
        if (choice !== 'built-in') {
          const version = found((await this.#read(transaction)).versions, choice);
          if (version.damage !== undefined) throw new UserError('MODEL_DAMAGED', version.damage);
        }
        const model: ModelChoice = choice === 'built-in' ? choice : { scope: choice.scope, id: choice.id };
        const { key, name } = this.options.workspace;
        const { workspaces } = transaction.content.state;
        const models = chooseModel(workspaces.get(key), model, this.#time(), name);
        await transaction.save({ workspaces: new Map(workspaces).set(key, models) });
      }),
    );
  }

  /** The model that this workspace predicts with. */
  active(): Promise<ActiveModelVersion> {
    return this.#guard(async () => {
      const { versions, models } = await this.#read();
      const choice = currentModel(models);
      const version = usable(versions, choice);
      const since = models?.history.at(-1)?.since;
      const back = rollBackModel(models, (model) => usable(versions, model) !== undefined, '');
      const earlier = back === undefined ? undefined : usable(versions, currentModel(back));
      return {
        version: version ?? 'built-in',
        ...(since === undefined ? {} : { since }),
        ...(version === undefined && choice !== 'built-in' ? { missing: choice } : {}),
        ...(earlier === undefined ? {} : { earlier }),
      };
    });
  }

  /** What this workspace predicted with, newest first. */
  history(): Promise<readonly PastActivation[]> {
    return this.#guard(async () => {
      const { versions, models } = await this.#read();
      const history = models?.history.toReversed() ?? [];
      return history.map((activation) => ({ ...activation, version: lookUp(versions, activation.model) }));
    });
  }

  /**
   * Goes back to the model that this workspace predicted with before, of those that are still there; again, to the one before.
   * @returns the model that is used now
   * @throws UserError NO_EARLIER_MODEL
   */
  rollBack(): Promise<ModelVersion | 'built-in'> {
    return this.#guard(() =>
      this.#global.change(async (transaction) => {
        const { versions, models } = await this.#read(transaction);
        const back = rollBackModel(models, (model) => usable(versions, model) !== undefined, this.#time());
        const version = usable(versions, currentModel(back));
        if (back === undefined || version === undefined) {
          throw new UserError('NO_EARLIER_MODEL', 'There is no earlier model to go back to: choose one from the list.');
        }
        const { workspaces } = transaction.content.state;
        await transaction.save({ workspaces: new Map(workspaces).set(this.options.workspace.key, back) });
        return version;
      }),
    );
  }

  /**
   * Reads a version's files and compares them with its manifest.
   * @returns nothing where all is as it was published
   * @throws UserError MODEL_NOT_FOUND, CANCELLED
   */
  verify(reference: ModelReference, signal?: AbortSignal): Promise<readonly FileProblem[]> {
    return this.#guard(async () => {
      const { directory, manifest } = found((await this.#folder(reference.scope).read()).versions, reference);
      if (manifest === undefined) return [{ file: MANIFEST_FILE, kind: 'changed' }];
      return verifyFiles(directory, manifest, signal);
    });
  }

  /**
   * Calls `onChange` when versions, names or choices change, by whichever process, this one included. What changes once the
   * promise is fulfilled is not missed: list the versions then.
   */
  async watch(onChange: () => void): Promise<{ dispose(): void }> {
    const folders = this.#own === undefined ? [this.#global] : [this.#global, this.#own];
    const watchers = await Promise.all(folders.map(({ directory }) => watchFolder(directory, onChange)));
    return { dispose: () => watchers.forEach((watcher) => void watcher.dispose()) };
  }

  /** @param transaction the shared folder's, if it is being changed */
  async #read(
    transaction?: RegistryTransaction,
  ): Promise<{ versions: readonly ModelVersion[]; models: WorkspaceModels | undefined }> {
    const { versions, state } = transaction?.content ?? (await this.#global.read());
    const own = (await this.#own?.read())?.versions ?? [];
    return { versions: [...versions, ...own], models: state.workspaces.get(this.options.workspace.key) };
  }

  #folder(scope: RegistryScope): RegistryFolder {
    const folder = scope === 'global' ? this.#global : this.#own;
    if (folder === undefined) {
      throw new UserError('BAD_ARGUMENT', 'This workspace has no models of its own: open a folder that you trust.');
    }
    return folder;
  }

  #refuseInUse(version: ModelVersion, workspaces: ReadonlyMap<string, WorkspaceModels>, force: boolean): void {
    const users = [...workspaces].filter(([, models]) => sameModel(currentModel(models), version));
    if (users.some(([key]) => key === this.options.workspace.key)) {
      throw inUse(version, 'This workspace predicts', 'choose another model, then delete it');
    }
    // A workspace's own versions are out of reach of the others: their references lead into folders of their own.
    if (force || version.scope === 'workspace' || users.length === 0) return;
    const names = users.map(([, { workspaceName }]) => `"${workspaceName}"`).join(', ');
    throw inUse(
      version,
      `${names} still ${users.length === 1 ? 'predicts' : 'predict'}`,
      'choose another model there first',
    );
  }

  #time(): string {
    return (this.options.now?.() ?? new Date()).toISOString();
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!isSystemError(error)) throw error;
      throw new UserError(
        'IO_ERROR',
        `The models cannot be read or kept (${error.code}): check that the disk has room and that you may write there.`,
        { cause: error },
      );
    }
  }
}

/** One step is enough: the name that `registry.json` has for it goes with the next change. */
async function discardVersion(transaction: RegistryTransaction, version: ModelVersion): Promise<string> {
  try {
    return await transaction.discard(version.id);
  } catch (error) {
    // Windows does not rename a folder while a file in it is open.
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (process.platform !== 'win32' || !['EPERM', 'EACCES', 'EBUSY'].includes(code)) throw error;
    throw inUse(version, 'A program that has its files open works', 'close other windows of VS Code, then try again');
  }
}

function lookUp(versions: readonly ModelVersion[], model: ModelChoice): ModelVersion | 'built-in' | undefined {
  return model === 'built-in' ? model : versions.find((version) => sameModel(version, model));
}

/** Undefined if it is gone or damaged. */
function usable(versions: readonly ModelVersion[], model: ModelChoice): ModelVersion | 'built-in' | undefined {
  const version = lookUp(versions, model);
  return version !== 'built-in' && version?.damage !== undefined ? undefined : version;
}

function found(versions: readonly ModelVersion[], reference: ModelReference): ModelVersion {
  const version = versions.find((each) => sameModel(each, reference));
  if (version !== undefined) return version;
  throw new UserError(
    'MODEL_NOT_FOUND',
    `The model ${reference.id} is no longer there; another window may have deleted it: choose one from the list.`,
  );
}

function inUse({ name }: ModelVersion, who: string, advice: string): UserError {
  return new UserError('MODEL_IN_USE', `${who} with the model "${name}", so it was not deleted: ${advice}.`);
}
