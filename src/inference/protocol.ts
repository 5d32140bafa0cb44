import type { UserErrorCode } from '../core/userError.ts';
import type { ModelSettings, TextResult } from './backend.ts';

/** Raised when a message changes its meaning; both sides must agree on it. */
export const PROTOCOL_VERSION = 1;

/** From the host to the inference process. The first message is `init`. */
export type HostMessage =
  | { readonly type: 'init'; readonly protocolVersion: number; readonly settings: ModelSettings }
  | { readonly type: 'predict'; readonly id: number; readonly texts: readonly string[] }
  | { readonly type: 'cancel'; readonly id: number };

/** From the inference process to the host: `init -> ready | failure`, `predict -> results* -> done | failure`. */
export type WorkerMessage =
  | { readonly type: 'ready'; readonly protocolVersion: number }
  | { readonly type: 'progress'; readonly message: string }
  | { readonly type: 'results'; readonly id: number; readonly results: readonly TextResult[] }
  | { readonly type: 'done'; readonly id: number }
  | {
      readonly type: 'failure';
      /** The request that failed; absent where the model could not be loaded. */
      readonly id?: number;
      readonly code: UserErrorCode;
      readonly message: string;
      readonly stack?: string;
    };

/**
 * Checks a message from the other process before it is used.
 * @returns undefined where it is not one of ours
 */
export function parseWorkerMessage(value: unknown): WorkerMessage | undefined {
  if (!isRecord(value)) return undefined;
  switch (value.type) {
    case 'ready':
      return isCount(value.protocolVersion) ? (value as WorkerMessage) : undefined;
    case 'progress':
      return typeof value.message === 'string' ? (value as WorkerMessage) : undefined;
    case 'results':
      return isCount(value.id) && Array.isArray(value.results) && value.results.every(isTextResult)
        ? (value as WorkerMessage)
        : undefined;
    case 'done':
      return isCount(value.id) ? (value as WorkerMessage) : undefined;
    case 'failure':
      return typeof value.code === 'string' &&
        typeof value.message === 'string' &&
        (value.id === undefined || isCount(value.id))
        ? (value as WorkerMessage)
        : undefined;
    default:
      return undefined;
  }
}

/** As `parseWorkerMessage`, for the other direction. */
export function parseHostMessage(value: unknown): HostMessage | undefined {
  if (!isRecord(value)) return undefined;
  switch (value.type) {
    case 'init':
      return isCount(value.protocolVersion) && isModelSettings(value.settings) ? (value as HostMessage) : undefined;
    case 'predict':
      return isCount(value.id) && Array.isArray(value.texts) && value.texts.every((text) => typeof text === 'string')
        ? (value as HostMessage)
        : undefined;
    case 'cancel':
      return isCount(value.id) ? (value as HostMessage) : undefined;
    default:
      return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isTextResult(value: unknown): value is TextResult {
  return (
    isRecord(value) &&
    isCount(value.index) &&
    value.logits instanceof Float32Array &&
    typeof value.truncated === 'boolean' &&
    isCount(value.tokenCount)
  );
}

function isModelSettings(value: unknown): value is ModelSettings {
  return (
    isRecord(value) &&
    typeof value.modelDirectory === 'string' &&
    typeof value.modelHash === 'string' &&
    typeof value.modelStamp === 'string' &&
    typeof value.cacheDirectory === 'string' &&
    (value.precision === 'fp32' || value.precision === 'int8') &&
    isCount(value.maxLength) &&
    isCount(value.threads)
  );
}
