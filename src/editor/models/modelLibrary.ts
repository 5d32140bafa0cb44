import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ConfigurationTarget, type Disposable, EventEmitter, type ExtensionContext, workspace } from 'vscode';
import { UserError } from '../../core/userError.ts';
import { ModelRegistry, type ModelRegistryOptions } from '../../models/registry/modelRegistry.ts';
import { modelSettings, SECTION } from '../settings.ts';
import type { ModelEntry } from './modelEntry.ts';
import { modelKey, type ReplacedFolder, withReplaced } from './replacedFolders.ts';

const BUILT_IN_NAME = 'Built-in model';
/** Folders that were in use before other models, for rolling back. */
const REPLACED_KEY = 'caselight.replacedFolders';

/** What there is to choose from, and what is chosen. */
export interface LibraryContent {
  /** The built-in model, then the folder of the settings if they name one, then the versions of the registry. */
  readonly entries: readonly ModelEntry[];
  /** Id of a version that was chosen but is gone or damaged; the built-in model stands in for it. */
  readonly missing: string | undefined;
}

interface OpenedRegistry {
  readonly options: Pick<ModelRegistryOptions, 'directory' | 'workspace'>;
  readonly registry: ModelRegistry;
  readonly close: () => void;
}

/**
 * The models of this window: the registry's versions, the built-in model, and the folder that `caselight.model.path` names,
 * which goes before any choice.
 */
export class ModelLibrary implements Disposable {
  #opened: OpenedRegistry;
  readonly #changed = new EventEmitter<void>();
  readonly #trust: Disposable;
  /** Versions, names or the choice changed, in this window or another. */
  readonly onDidChange = this.#changed.event;

  constructor(
    readonly context: ExtensionContext,
    readonly onRepair: (sentence: string) => void,
    readonly logError: (error: unknown) => void,
  ) {
    this.#opened = this.#open();
    this.#trust = workspace.onDidGrantWorkspaceTrust(() => {
      this.#opened.close();
      this.#opened = this.#open();
      this.#changed.fire();
    });
  }

  get registry(): ModelRegistry {
    return this.#opened.registry;
  }

  /** What another process opens the same registry with. */
  get registryOptions(): Pick<ModelRegistryOptions, 'directory' | 'workspace'> {
    return this.#opened.options;
  }

  get builtInPath(): string {
    return this.context.asAbsolutePath(join('models', 'default'));
  }

  async content(): Promise<LibraryContent> {
    const [versions, active] = await Promise.all([this.registry.list(), this.registry.active()]);
    const { path } = modelSettings();
    const isChosen = (id: string | undefined) =>
      path === '' &&
      id === (active.version === 'built-in' ? undefined : `${active.version.scope}/${active.version.id}`);
    const builtIn: ModelEntry = {
      name: BUILT_IN_NAME,
      directory: this.builtInPath,
      isActive: isChosen(undefined),
      choice: 'built-in',
      version: undefined,
    };
    const folder: ModelEntry = {
      name: basename(path),
      directory: path,
      isActive: true,
      choice: undefined,
      version: undefined,
    };
    const entries = [
      builtIn,
      ...(path === '' ? [] : [folder]),
      ...versions.map((version): ModelEntry => {
        const { scope, id, name, directory } = version;
        return { name, directory, isActive: isChosen(`${scope}/${id}`), choice: { scope, id }, version };
      }),
    ];
    return { entries, missing: path === '' ? active.missing?.id : undefined };
  }

  /** The model to predict with. */
  async active(): Promise<ModelEntry> {
    const { entries } = await this.content();
    const entry = entries.find(({ isActive }) => isActive);
    if (entry === undefined) throw new Error(`none of ${entries.length} models is active`);
    return entry;
  }

  /** Chooses the model that this workspace predicts with. */
  async use({ choice, directory }: Pick<ModelEntry, 'choice' | 'directory'>): Promise<void> {
    const { path } = modelSettings();
    const under = await this.#registryKey();
    if (choice !== undefined) await this.registry.activate(choice);
    await this.#writeSetting(choice === undefined ? directory : '');
    const by = modelKey(choice, directory);
    const present = path === '' ? under : modelKey(undefined, path);
    if (by !== present) {
      await this.#remember(withReplaced(this.#replaced(), by, path === '' ? undefined : { folder: path, under }));
    }
    if (choice !== undefined) this.#changed.fire();
  }

  /**
   * Goes back to the model that this workspace predicted with before, be it one of the registry or a folder of the settings.
   * @throws UserError NO_EARLIER_MODEL
   */
  async rollBack(): Promise<void> {
    const { choice, directory } = await this.active();
    const present = modelKey(choice, directory);
    const before = this.#replaced().find(({ by }) => by === present);
    if (before !== undefined && (await isFolder(before.folder))) {
      await this.#writeSetting(before.folder);
      // What was chosen under the folder is chosen again, for the day on which the setting goes.
      if (choice !== undefined && before.under !== present) await this.registry.rollBack().catch(ignoreNoneEarlier);
    } else if (choice === undefined) {
      // A folder of the settings stands before the choice: without it the choice holds again.
      const { version } = await this.registry.active();
      await this.registry.activate(version);
      await this.#writeSetting('');
    } else {
      await this.registry.rollBack();
    }
    await this.#remember(withReplaced(this.#replaced(), present, undefined));
    this.#changed.fire();
  }

  dispose(): void {
    this.#trust.dispose();
    this.#opened.close();
    this.#changed.dispose();
  }

  #open(): OpenedRegistry {
    const options = { directory: join(this.context.globalStorageUri.fsPath, 'models'), workspace: describeWorkspace() };
    const registry = new ModelRegistry({ ...options, onRepair: this.onRepair });
    const watcher = registry.watch(() => this.#changed.fire());
    watcher.catch(this.logError);
    const close = () =>
      void watcher.then(
        (each) => each.dispose(),
        () => {},
      );
    return { options, registry, close };
  }

  async #registryKey(): Promise<string> {
    const { version } = await this.registry.active();
    return modelKey(version, '');
  }

  #replaced(): readonly ReplacedFolder[] {
    return this.context.workspaceState.get<readonly ReplacedFolder[]>(REPLACED_KEY, []);
  }

  async #remember(folders: readonly ReplacedFolder[]): Promise<void> {
    await this.context.workspaceState.update(REPLACED_KEY, folders);
  }

  /** @param path empty: none, so that the choice holds */
  async #writeSetting(path: string): Promise<void> {
    const settings = workspace.getConfiguration(SECTION);
    // An untrusted workspace may not name a model.
    const hasWorkspace = workspace.workspaceFolders !== undefined && workspace.isTrusted;
    const { workspaceValue, globalValue } = settings.inspect<string>('model.path') ?? {};
    // Other workspaces go on with the folder that the user's own settings name; this one has to say that it does not.
    const none = hasWorkspace && globalValue ? '' : undefined;
    const value = path === '' ? none : path;
    if ((hasWorkspace ? workspaceValue : globalValue) !== value) {
      const target = hasWorkspace ? ConfigurationTarget.Workspace : ConfigurationTarget.Global;
      try {
        await settings.update('model.path', value, target);
      } catch (cause) {
        throw new UserError(
          'IO_ERROR',
          'The setting "caselight.model.path" could not be changed: save settings.json, look for errors in it, then choose the model again.',
          { cause },
        );
      }
    }
    if (modelSettings().path === path) return;
    throw new UserError(
      'BAD_ARGUMENT',
      'The choice has no effect, because "caselight.model.path" is set elsewhere: look for it in the settings.',
    );
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}

function ignoreNoneEarlier(error: unknown): void {
  if (!(error instanceof UserError) || error.code !== 'NO_EARLIER_MODEL') throw error;
}

function describeWorkspace(): ModelRegistryOptions['workspace'] {
  const folder = workspace.workspaceFolders?.[0];
  const key = workspace.workspaceFile ?? folder?.uri;
  const name = workspace.name ?? 'no folder';
  // What an untrusted folder brings along is not run.
  const isOwn = folder?.uri.scheme === 'file' && workspace.isTrusted;
  return {
    key: key?.toString() ?? 'none',
    name,
    ...(isOwn ? { directory: join(folder.uri.fsPath, '.caselight', 'models') } : {}),
  };
}
