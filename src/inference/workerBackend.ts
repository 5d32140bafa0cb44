import type { ChildProcess } from 'node:child_process';
import { cancelled, throwIfCancelled } from '../core/cancellation.ts';
import { UserError, type UserErrorCode } from '../core/userError.ts';
import type { InferenceBackend, ModelSettings, PredictOptions } from './backend.ts';
import { forkNode } from './forkNode.ts';
import { type HostMessage, PROTOCOL_VERSION, parseWorkerMessage, type WorkerMessage } from './protocol.ts';

export interface WorkerBackendOptions {
  /** Path of the bundled `inferenceWorker.js`. */
  readonly workerPath: string;
  readonly settings: ModelSettings;
  /** One line of what happens, without any text of a narrative. */
  readonly log: (line: string) => void;
  /** Longest silence while the model loads (int8 is derived then) or a request runs, before the process is ended. */
  readonly deadlineMs?: number;
  /** The process is ended after this long without work; the next request starts it again. */
  readonly idleMs?: number;
  /** Most restarts without a single result in between. */
  readonly maxRestarts?: number;
}

interface PendingRequest {
  readonly texts: readonly string[];
  readonly options: PredictOptions;
  /** Positions in `texts` that still have no result; a restarted process gets only these. */
  readonly remaining: Set<number>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  /** Positions that were sent to the present process: it answers with indexes into this list. */
  sent: readonly number[];
}

/**
 * Predicts in a child process. The process is started on first use, restarted with the unfinished work when it crashes or
 * falls silent, and ended when idle. Every request ends: with all results, with a UserError, or cancelled.
 */
export class WorkerBackend implements InferenceBackend {
  readonly #options: Required<WorkerBackendOptions>;
  readonly #requests = new Map<number, PendingRequest>();
  #nextId = 0;
  #child: ChildProcess | undefined;
  #ready: Promise<void> | undefined;
  #settleReady: { resolve: () => void; reject: (error: Error) => void } | undefined;
  #restarts = 0;
  #deadline: NodeJS.Timeout | undefined;
  #idle: NodeJS.Timeout | undefined;
  #disposed = false;

  constructor(options: WorkerBackendOptions) {
    this.#options = { deadlineMs: 60_000, idleMs: 300_000, maxRestarts: 3, ...options };
  }

  /** Process id while a process runs; for tests and the log. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  start(): Promise<void> {
    if (this.#disposed) return Promise.reject(new UserError('CANCELLED', 'The model was closed.'));
    clearTimeout(this.#idle);
    this.#ready ??= new Promise<void>((resolve, reject) => {
      this.#settleReady = { resolve, reject };
      this.#spawn();
    });
    return this.#ready;
  }

  async predict(texts: readonly string[], options: PredictOptions): Promise<void> {
    if (texts.length === 0) return;
    throwIfCancelled(options.signal);
    await untilAborted(this.start(), options.signal);
    throwIfCancelled(options.signal);
    if (this.#disposed) throw new UserError('CANCELLED', 'The model was closed.');
    const id = this.#nextId++;
    const done = new Promise<void>((resolve, reject) => {
      const remaining = new Set(texts.keys());
      this.#requests.set(id, { texts, options, remaining, resolve, reject, sent: [] });
    });
    const onAbort = () => {
      this.#send({ type: 'cancel', id });
      this.#settle(id, cancelled());
    };
    options.signal?.addEventListener('abort', onAbort, { once: true });
    clearTimeout(this.#idle);
    // While a crashed process is being replaced, its successor's `ready` sends the request.
    if (this.#settleReady === undefined) this.#sendRequest(id);
    try {
      await done;
    } finally {
      options.signal?.removeEventListener('abort', onAbort);
      if (this.#requests.size === 0) this.#restIdle();
    }
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    this.#end();
    this.#failAll(new UserError('CANCELLED', 'The model was closed.'));
  }

  #spawn(): void {
    const { workerPath, settings, log } = this.#options;
    let child: ChildProcess;
    try {
      child = forkNode(workerPath, { execArgv: ['--max-old-space-size=256'] });
    } catch (error) {
      log(`the inference process could not be started (${error instanceof Error ? error.message : error})`);
      this.#recover();
      return;
    }
    this.#child = child;
    log(`inference process ${child.pid ?? '?'} started`);
    child.stderr?.on('data', (data: Buffer) => log(`inference process: ${data.toString().trimEnd()}`));
    child.on('message', (value) => this.#child === child && this.#receive(value));
    child.on('error', (error) => this.#onGone(child, `could not be started (${error.message})`));
    child.on('exit', (code, signal) => this.#onGone(child, `ended with ${signal ?? `code ${code}`}`));
    this.#send({ type: 'init', protocolVersion: PROTOCOL_VERSION, settings });
    this.#watch();
  }

  #receive(value: unknown): void {
    const message = parseWorkerMessage(value);
    if (message === undefined) {
      this.#options.log('a message of the inference process was not understood and is ignored');
      return;
    }
    this.#watch();
    switch (message.type) {
      case 'ready':
        this.#settleReady?.resolve();
        this.#settleReady = undefined;
        for (const id of this.#requests.keys()) this.#sendRequest(id);
        if (this.#requests.size === 0) this.#restIdle();
        break;
      case 'progress':
        this.#options.log(message.message);
        break;
      case 'results':
        this.#onResults(message);
        break;
      case 'done':
        this.#onDone(message.id);
        break;
      case 'failure':
        this.#onFailure(message);
        break;
    }
  }

  #onResults({ id, results }: Extract<WorkerMessage, { type: 'results' }>): void {
    const request = this.#requests.get(id);
    if (request === undefined) return;
    const mapped = results.flatMap((result) => {
      const index = request.sent[result.index];
      return index !== undefined && request.remaining.delete(index) ? [{ ...result, index }] : [];
    });
    this.#restarts = 0;
    if (mapped.length === 0) return;
    try {
      request.options.onResults(mapped);
    } catch (error) {
      this.#send({ type: 'cancel', id });
      this.#settle(id, error instanceof Error ? error : new Error(String(error)));
    }
  }

  #onDone(id: number): void {
    const request = this.#requests.get(id);
    if (request === undefined) return;
    const complete = request.remaining.size === 0;
    this.#settle(id, complete ? undefined : new UserError('INFERENCE_FAILED', incompleteMessage));
  }

  #onFailure(message: Extract<WorkerMessage, { type: 'failure' }>): void {
    const error = new UserError(message.code as UserErrorCode, message.message, { cause: message.stack });
    if (message.id !== undefined) {
      this.#settle(message.id, error);
      return;
    }
    // The model does not load: nothing that waits for it can be done, and trying again needs a new process.
    this.#end();
    this.#failAll(error);
  }

  #sendRequest(id: number): void {
    const request = this.#requests.get(id);
    if (request === undefined) return;
    request.sent = [...request.remaining];
    this.#send({ type: 'predict', id, texts: request.sent.map((index) => request.texts[index] ?? '') });
    this.#watch();
  }

  #send(message: HostMessage): void {
    // An error here means that the process is gone, which `exit` reports.
    if (this.#child?.connected) this.#child.send(message, () => {});
  }

  #settle(id: number, error?: Error): void {
    const request = this.#requests.get(id);
    if (request === undefined) return;
    this.#requests.delete(id);
    if (error === undefined) request.resolve();
    else request.reject(error);
  }

  /** The process is gone although nobody ended it. */
  #onGone(child: ChildProcess, how: string): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    clearTimeout(this.#deadline);
    clearTimeout(this.#idle);
    this.#options.log(`inference process ${child.pid ?? '?'} ${how}`);
    this.#recover();
  }

  /** Starts another process with what is left to do, unless there is nothing or it has failed too often. */
  #recover(): void {
    if (this.#requests.size === 0 && this.#settleReady === undefined) {
      this.#ready = undefined;
      return;
    }
    if (++this.#restarts > this.#options.maxRestarts) {
      this.#restarts = 0;
      this.#failAll(
        new UserError(
          'INFERENCE_CRASHED',
          'The inference process stopped several times in a row, perhaps for want of memory: close other programs or choose a smaller model, then run "Caselight: Predict This File" again. The log says more.',
        ),
      );
      return;
    }
    if (this.#settleReady === undefined) {
      this.#ready = new Promise<void>((resolve, reject) => {
        this.#settleReady = { resolve, reject };
      });
      // Pending requests hear of a failure through `#failAll`; nobody else need wait for this start.
      this.#ready.catch(() => {});
    }
    this.#spawn();
  }

  #failAll(error: Error): void {
    this.#ready = undefined;
    this.#settleReady?.reject(error);
    this.#settleReady = undefined;
    for (const id of [...this.#requests.keys()]) this.#settle(id, error);
  }

  /** Restarts the deadline: as long as work is under way, the process must say something within it. */
  #watch(): void {
    clearTimeout(this.#deadline);
    if (this.#settleReady === undefined && this.#requests.size === 0) return;
    const child = this.#child;
    this.#deadline = setTimeout(() => {
      if (child === undefined || child !== this.#child) return;
      this.#options.log(`inference process ${child.pid ?? '?'} was silent for ${this.#options.deadlineMs} ms`);
      // Its `exit` then restarts it with the unfinished work.
      child.kill('SIGKILL');
    }, this.#options.deadlineMs);
  }

  #restIdle(): void {
    clearTimeout(this.#deadline);
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      if (this.#requests.size > 0 || this.#settleReady !== undefined) return;
      this.#options.log('inference process ended: nothing to do');
      this.#end();
    }, this.#options.idleMs);
    this.#idle.unref();
  }

  #end(): void {
    clearTimeout(this.#deadline);
    clearTimeout(this.#idle);
    const child = this.#child;
    this.#child = undefined;
    if (this.#settleReady === undefined) this.#ready = undefined;
    child?.kill('SIGKILL');
  }
}

const incompleteMessage =
  'The inference process left some records without a prediction: run "Caselight: Predict This File" again.';

/** Settles as the promise does, or with CANCELLED as soon as the signal is aborted. */
async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(cancelled());
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
