import { describeError } from '../core/describeError.ts';
import { UserError } from '../core/userError.ts';
import type { JobContext } from './jobs.ts';
import { JOB_PROTOCOL_VERSION, type JobHostMessage, type JobMessage, parseJobHostMessage } from './protocol.ts';

const ALIVE_MS = 10_000;

/** The protocol carries options of any job; `runJob` pairs names with options. */
type AnyHandler = (options: unknown, context: JobContext) => Promise<unknown>;

/** Makes this process one that does a job of the host's and ends: the whole of a worker's entry. */
export function serveJobs(handlers: object): void {
  const abort = new AbortController();
  let started = false;
  process.on('message', (value) => {
    const message = parseJobHostMessage(value);
    if (message?.type === 'cancel') abort.abort();
    else if (message?.type === 'start' && !started) {
      started = true;
      void start(handlers as Handlers, message, abort.signal);
    }
  });
  // The host went away, however it went: the job tidies up, or is ended.
  process.on('disconnect', () => {
    abort.abort();
    setTimeout(() => process.exit(1), 5_000).unref();
  });
}

type Handlers = Readonly<Record<string, AnyHandler | undefined>>;

function send(message: JobMessage): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined) resolve();
    else process.send(message, () => resolve());
  });
}

async function start(
  handlers: Handlers,
  message: Extract<JobHostMessage, { type: 'start' }>,
  signal: AbortSignal,
): Promise<void> {
  const beat = setInterval(() => void send({ type: 'alive' }), ALIVE_MS);
  try {
    if (message.protocolVersion !== JOB_PROTOCOL_VERSION) {
      throw new UserError('JOB_CRASHED', 'The job process is of another version of Caselight: reload the window.');
    }
    const handler = handlers[message.name];
    if (handler === undefined) throw new Error(`there is no job ${message.name}`);
    const value = await handler(message.options, {
      signal,
      onProgress: (progress) => void send({ type: 'progress', ...progress }),
      onEvent: (event) => void send({ type: 'event', event }),
    });
    await send({ type: 'result', value });
  } catch (error) {
    await send(failure(error));
  } finally {
    clearInterval(beat);
    // ONNX Runtime and sockets may keep the process from ending by itself.
    process.exit(0);
  }
}

function failure(error: unknown): JobMessage {
  const known = error instanceof UserError;
  return {
    type: 'failure',
    code: known ? error.code : 'JOB_CRASHED',
    message: known
      ? error.message
      : 'The job stopped with an internal error: open the log with "Caselight: Show Log" and report it.',
    ...(error instanceof Error ? { stack: describeError(error) } : {}),
  };
}
