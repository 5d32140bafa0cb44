import { cancelled, throwIfCancelled } from '../core/cancellation.ts';
import { UserError } from '../core/userError.ts';
import { forkNode } from '../inference/forkNode.ts';
import type { TrainingEvent } from '../training/trainingEvent.ts';
import type { JobName, Jobs } from './jobs.ts';
import { JOB_PROTOCOL_VERSION, type JobHostMessage, type JobProgress, parseJobMessage } from './protocol.ts';

export interface RunJobOptions {
  /** Path of the bundled `jobWorker.js`. */
  readonly workerPath: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: JobProgress) => void;
  readonly onEvent?: (event: TrainingEvent) => void;
  /** One line of what happens, without any text of a narrative. */
  readonly log: (line: string) => void;
  /** Environment variables for the process beside those of this one, such as a proxy. */
  readonly env?: Readonly<Record<string, string>>;
  /** Longest silence before the process is ended. */
  readonly deadlineMs?: number;
  /** How long a cancelled job may take to tidy up before its process is ended. */
  readonly cancelMs?: number;
}

/**
 * Does one long piece of work in a process of its own, which ends with it: the extension host stays free, and what a crash
 * or a cancel leaves behind is only what the job's own staging allows.
 * @throws UserError CANCELLED, JOB_CRASHED, or what the job says
 */
export async function runJob<Name extends JobName>(
  name: Name,
  options: Jobs[Name]['options'],
  { workerPath, signal, onProgress, onEvent, log, env = {}, deadlineMs = 120_000, cancelMs = 15_000 }: RunJobOptions,
): Promise<Jobs[Name]['result']> {
  throwIfCancelled(signal);
  const child = forkNode(workerPath, { env });
  const send = (message: JobHostMessage) => {
    // An error here means that the process is gone, which `exit` reports.
    if (child.connected) child.send(message, () => {});
  };
  log(`${name}: process ${child.pid ?? '?'} started`);
  child.stderr?.on('data', (data: Buffer) => log(`${name}: ${data.toString().trimEnd()}`));
  const kill = () => child.kill('SIGKILL');
  let timer = setTimeout(kill, deadlineMs);
  const onAbort = () => {
    send({ type: 'cancel' });
    clearTimeout(timer);
    timer = setTimeout(kill, cancelMs);
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await new Promise<Jobs[Name]['result']>((resolve, reject) => {
      child.on('error', (cause) => reject(crashed(name, cause)));
      child.on('exit', (code, killedBy) => {
        log(`${name}: process ended with ${killedBy ?? `code ${code}`}`);
        reject(signal?.aborted ? cancelled() : crashed(name));
      });
      child.on('message', (value) => {
        const message = parseJobMessage(value);
        if (message === undefined) return log(`${name}: a message was not understood and is ignored`);
        if (!signal?.aborted) timer.refresh();
        if (message.type === 'progress') onProgress?.(message);
        else if (message.type === 'event') onEvent?.(message.event);
        else if (message.type === 'result') {
          // It was done before it heard of the cancel: whoever cancelled does not expect a result any more.
          if (signal?.aborted) reject(cancelled());
          else resolve(message.value as Jobs[Name]['result']);
        } else if (message.type === 'failure') {
          const { code, message: sentence, stack } = message;
          reject(signal?.aborted ? cancelled() : new UserError(code, sentence, { cause: stack }));
        }
      });
      send({ type: 'start', protocolVersion: JOB_PROTOCOL_VERSION, name, options });
    });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
    // It said all it had to say and ends by itself; whatever keeps it from that is not waited for.
    if (child.connected) child.disconnect();
  }
}

/** What people call a job, where that is not its name. */
const spoken: Partial<Readonly<Record<JobName, string>>> = {
  train: 'training',
  measureTraining: 'measurement',
  installTensorFlow: 'installation of TensorFlow',
};

function crashed(name: JobName, cause?: unknown): UserError {
  return new UserError(
    'JOB_CRASHED',
    `The process for the ${spoken[name] ?? name} stopped before it was done, perhaps for want of memory or disk space: free some and try again. The log says more.`,
    { cause },
  );
}
