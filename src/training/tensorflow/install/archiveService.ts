import { UserError } from '../../../core/userError.ts';
import type { HttpService } from '../../../download/httpClient.ts';
import { serverRefusal } from '../../../download/serverRefusal.ts';

/**
 * Whoever has the archive, as a client talks to it.
 * @param isMirror whether a person named the address
 */
export function archiveService(isMirror: boolean, nowMs: () => number): HttpService {
  const address = isMirror ? 'mirror' : 'source';
  const check = isMirror
    ? 'check the address of the mirror, the folder that the file lies in'
    : 'try again later, or with a newer Caselight';
  return {
    code: 'NETWORK_FAILED',
    address,
    refusal: (answer, { url, what = 'The archive' }) => {
      const { status } = answer;
      const finding = status === 404 || status === 410 ? 'is not there' : 'was refused';
      return (
        serverRefusal(answer, url, 'NETWORK_FAILED', nowMs()) ??
        new UserError('NETWORK_FAILED', `${what} ${finding} at ${url.host} (${status}): ${check}.`)
      );
    },
  };
}
