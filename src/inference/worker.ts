import { setImmediate as nextTurn } from 'node:timers/promises';
import { describeError } from '../core/describeError.ts';
import { UserError } from '../core/userError.ts';
import type { InferenceBackend } from './backend.ts';
import { LocalBackend } from './localBackend.ts';
import { type HostMessage, PROTOCOL_VERSION, parseHostMessage, type WorkerMessage } from './protocol.ts';

// Entry of the inference process. ONNX Runtime blocks the thread it runs on, and a crash of native code takes its
// process along: both happen here and not in the extension host.

function send(message: WorkerMessage): void {
  process.send?.(message);
}

function sendFailure(error: unknown, id?: number): void {
  const known = error instanceof UserError;
  send({
    type: 'failure',
    ...(id === undefined ? {} : { id }),
    code: known ? error.code : 'INFERENCE_FAILED',
    message: known
      ? error.message
      : 'The model stopped with an internal error: open the log with "Caselight: Show Log" and report it.',
    ...(error instanceof Error && error.stack ? { stack: describeError(error) } : {}),
  });
}

/** Requests run one after the other; a `cancel` that arrives between batches aborts the one it names. */
class WorkerProcess {
  #backend: InferenceBackend | undefined;
  #running: Promise<void> = Promise.resolve();
  readonly #aborts = new Map<number, AbortController>();

  receive(message: HostMessage): void {
    switch (message.type) {
      case 'init':
        this.#running = this.#init(message);
        break;
      case 'predict': {
        const abort = new AbortController();
        this.#aborts.set(message.id, abort);
        this.#running = this.#running.then(() => this.#predict(message.id, message.texts, abort.signal));
        break;
      }
      case 'cancel':
        this.#aborts.get(message.id)?.abort();
        break;
    }
  }

  async #init({ protocolVersion, settings }: Extract<HostMessage, { type: 'init' }>): Promise<void> {
    try {
      if (protocolVersion !== PROTOCOL_VERSION) {
        throw new UserError(
          'INFERENCE_FAILED',
          'The inference process is of another version of Caselight: reload the window.',
        );
      }
      const backend = new LocalBackend(settings, (message) => send({ type: 'progress', message }));
      await backend.start();
      this.#backend = backend;
      send({ type: 'ready', protocolVersion: PROTOCOL_VERSION });
    } catch (error) {
      sendFailure(error);
    }
  }

  async #predict(id: number, texts: readonly string[], signal: AbortSignal): Promise<void> {
    try {
      if (this.#backend === undefined) throw new Error('predict before ready');
      // Gives a cancellation that is already in the channel its turn.
      await nextTurn();
      await this.#backend.predict(texts, { signal, onResults: (results) => send({ type: 'results', id, results }) });
      send({ type: 'done', id });
    } catch (error) {
      sendFailure(error, id);
    } finally {
      this.#aborts.delete(id);
    }
  }
}

const worker = new WorkerProcess();
process.on('message', (value) => {
  const message = parseHostMessage(value);
  if (message !== undefined) worker.receive(message);
  // Unanswered, it would look like a process that hangs.
  else sendFailure(new Error('a message of the host was not understood'));
});
// The host went away, however it went: nothing is left to work for.
process.on('disconnect', () => process.exit(0));
