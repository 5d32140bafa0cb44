import { UserError, type UserErrorCode } from '../core/userError.ts';
import { retryAfterMs } from './retries.ts';
import { TransientFailure } from './transientFailure.ts';

/** The part of an answer that says why. Source: huggingface_hub, utils/_http.py, hf_raise_for_status */
export interface Refusal {
  readonly status: number;
  readonly headers: Pick<Headers, 'get'>;
}

/**
 * What an answer that is no success comes to where that is the same for every server; undefined for the others. The text of the
 * server is not shown: it may be anything.
 * @param code of what fails on the side of the server
 * @param busyHint what else to do about a server that takes no more requests
 */
export function serverRefusal(
  { status, headers }: Refusal,
  { host }: URL,
  code: UserErrorCode,
  nowMs: number,
  busyHint = '',
): UserError | TransientFailure | undefined {
  if (status === 429) {
    return new TransientFailure(
      code,
      `${host} takes no more requests for now (429)`,
      `run the download again in some minutes, and it goes on where it stopped${busyHint}`,
      { retryAfterMs: retryAfterMs(headers.get('retry-after'), nowMs) },
    );
  }
  if (status >= 500 || status === 408) {
    return new TransientFailure(
      code,
      `${host} failed (${status})`,
      'run the download again later, and it goes on where it stopped',
      { retryAfterMs: status === 503 ? retryAfterMs(headers.get('retry-after'), nowMs) : undefined },
    );
  }
  if (status === 407) {
    return new UserError(
      'NETWORK_FAILED',
      'The proxy wants a user name and password (407): put them into HTTPS_PROXY and HTTP_PROXY.',
    );
  }
  return undefined;
}
