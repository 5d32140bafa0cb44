import type { UserErrorCode } from '../core/userError.ts';
import type { TrainingEvent } from '../training/trainingEvent.ts';

/** Raised when a message changes its meaning; both sides must agree on it. */
export const JOB_PROTOCOL_VERSION = 1;

/** How far a job is. */
export interface JobProgress {
  /** What is being done, in a few words that are fit to show. */
  readonly message: string;
  /** 0 to 1; absent while it is not known. */
  readonly fraction?: number;
}

/** From the host to the job process: `start` first and once, then perhaps `cancel`. */
export type JobHostMessage =
  | { readonly type: 'start'; readonly protocolVersion: number; readonly name: string; readonly options: unknown }
  | { readonly type: 'cancel' };

/** From the job process to the host: `(progress | event | alive)* -> result | failure`. */
export type JobMessage =
  | ({ readonly type: 'progress' } & JobProgress)
  /** Now and then, so that a job that waits is told from a process that hangs. */
  | { readonly type: 'alive' }
  /** What a job tells in more detail than progress: a `TrainingEvent`. */
  | { readonly type: 'event'; readonly event: TrainingEvent }
  | { readonly type: 'result'; readonly value: unknown }
  | { readonly type: 'failure'; readonly code: UserErrorCode; readonly message: string; readonly stack?: string };

const TRAINING_EVENTS = new Set<unknown>([
  'start',
  'preparing',
  'step',
  'epoch',
  'note',
] satisfies TrainingEvent['type'][]);

/**
 * Checks a message from the job process before it is used.
 * @returns undefined where it is not one of ours
 */
export function parseJobMessage(value: unknown): JobMessage | undefined {
  if (!isRecord(value)) return undefined;
  switch (value.type) {
    case 'progress':
      return typeof value.message === 'string' &&
        (value.fraction === undefined || (typeof value.fraction === 'number' && value.fraction >= 0))
        ? (value as JobMessage)
        : undefined;
    case 'alive':
      return { type: 'alive' };
    case 'event':
      return isRecord(value.event) && TRAINING_EVENTS.has(value.event.type) ? (value as JobMessage) : undefined;
    case 'result':
      return { type: 'result', value: value.value };
    case 'failure':
      return typeof value.code === 'string' && typeof value.message === 'string' ? (value as JobMessage) : undefined;
    default:
      return undefined;
  }
}

/** As `parseJobMessage`, for the other direction. */
export function parseJobHostMessage(value: unknown): JobHostMessage | undefined {
  if (!isRecord(value)) return undefined;
  if (value.type === 'cancel') return { type: 'cancel' };
  const isStart = value.type === 'start' && typeof value.name === 'string' && typeof value.protocolVersion === 'number';
  return isStart ? (value as JobHostMessage) : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
