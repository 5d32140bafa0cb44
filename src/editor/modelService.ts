import { join } from 'node:path';
import { type Disposable, EventEmitter, type ExtensionContext, type LogOutputChannel } from 'vscode';
import { UserError } from '../core/userError.ts';
import type { ModelSettings } from '../inference/backend.ts';
import { PredictionStore } from '../inference/predictionStore.ts';
import { WorkerBackend } from '../inference/workerBackend.ts';
import { describeModel } from '../models/describeModel.ts';
import { effectiveMaxLength } from '../models/maxLength.ts';
import { ActiveModel } from './activeModel.ts';
import type { ModelLibrary } from './models/modelLibrary.ts';
import { modelSettings } from './settings.ts';

/** How it stands with the model. */
export type ModelState =
  | { readonly kind: 'idle' | 'loading' }
  /** `error`: why predicting stopped; what was predicted before is still shown. */
  | { readonly kind: 'ready'; readonly model: ActiveModel; readonly error?: unknown }
  | { readonly kind: 'failed'; readonly error: unknown };

/** Opens the model that the settings name, once it is needed, and another when they change. */
export class ModelService implements Disposable {
  #state: ModelState = { kind: 'idle' };
  #opening: Promise<ActiveModel> | undefined;
  /** Identifies the latest call of `#open`, whose result counts. */
  #current: symbol | undefined;
  readonly #changed = new EventEmitter<ModelState>();
  readonly onDidChange = this.#changed.event;

  constructor(
    readonly context: ExtensionContext,
    readonly library: ModelLibrary,
    readonly log: LogOutputChannel,
    readonly onError: (error: unknown) => void,
    readonly logError: (error: unknown) => void,
  ) {}

  get state(): ModelState {
    return this.#state;
  }

  get active(): ActiveModel | undefined {
    return this.#state.kind === 'ready' ? this.#state.model : undefined;
  }

  /** The model, opened if need be. After a failure each call tries again. */
  ready(): Promise<ActiveModel> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  /** Settings changed: the model that is open, if any, makes way for the one they name now. */
  async reload(): Promise<void> {
    if (this.#state.kind === 'idle') return;
    const old = this.active;
    this.#opening = this.#open();
    await Promise.all([this.#opening, old?.pump.dispose()]);
  }

  /** The choice may be another one now: in this window, or for this workspace in another. */
  async followChoice(): Promise<void> {
    const { directory } = await this.library.active();
    // While a model is opened there is no active one: two calls at once open it once.
    if (this.active !== undefined && this.active.description.directory !== directory) await this.reload();
  }

  /** Predicting stopped with an error: a person asked for it to go on. */
  retry(): void {
    const model = this.active;
    if (model === undefined) return;
    this.#set({ kind: 'ready', model });
    model.pump.retry();
  }

  dispose(): void {
    void this.active?.pump.dispose();
    this.#changed.dispose();
  }

  async #open(): Promise<ActiveModel> {
    this.#set({ kind: 'loading' });
    const opening = Symbol('opening');
    this.#current = opening;
    try {
      const model = await this.#create();
      // The settings changed again meanwhile: the later call decides.
      if (this.#current !== opening) {
        await model.pump.dispose();
        throw new UserError('CANCELLED', 'Another model was chosen.');
      }
      this.#set({ kind: 'ready', model });
      return model;
    } catch (error) {
      if (this.#current === opening) {
        this.#opening = undefined;
        this.#set({ kind: 'failed', error });
      }
      throw error;
    }
  }

  async #create(): Promise<ActiveModel> {
    const chosen = modelSettings();
    const entry = await this.library.active();
    const found = await describeModel(entry.directory);
    const description = entry.version === undefined ? found : { ...found, name: entry.version.name };
    const storage = this.context.globalStorageUri.fsPath;
    const settings: ModelSettings = {
      modelDirectory: description.directory,
      modelHash: description.hash,
      modelStamp: description.stamp,
      cacheDirectory: join(storage, 'derived'),
      precision: chosen.precision,
      maxLength: effectiveMaxLength(chosen.maxLength, description.config),
      threads: chosen.threads,
    };
    const storeName = `${description.hash.slice(0, 32)}-${settings.precision}-${settings.maxLength}.bin`;
    const store = await PredictionStore.open(
      join(storage, 'predictions', storeName),
      description.config.labels.length,
      this.logError,
    );
    const backend = new WorkerBackend({
      workerPath: this.context.asAbsolutePath(join('dist', 'inferenceWorker.js')),
      settings,
      log: (line) => this.log.info(line),
    });
    this.log.info(`model ${description.name}: ${settings.precision}, ${store.size} predictions remembered`);
    const onError = (error: unknown) => {
      if (this.active === model) this.#set({ kind: 'ready', model, error });
      this.onError(error);
    };
    const model: ActiveModel = new ActiveModel(description, settings, backend, store, onError, this.logError);
    return model;
  }

  #set(state: ModelState): void {
    this.#state = state;
    this.#changed.fire(state);
  }
}
