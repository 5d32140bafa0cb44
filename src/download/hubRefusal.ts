import { UserError } from '../core/userError.ts';
import type { HubRepo } from './hubRepo.ts';
import { type Refusal, serverRefusal } from './serverRefusal.ts';
import { TransientFailure } from './transientFailure.ts';

/** What was asked for and how, when the answer is a refusal. */
export interface Asked {
  readonly repo: HubRepo;
  /** Path in the repository; undefined for the repository itself. */
  readonly file: string | undefined;
  readonly url: URL;
  /** Whether there is an access token, and whether this request carried it. */
  readonly hasToken: boolean;
  readonly sentToken: boolean;
}

/** What an answer that is no success comes to. */
export function hubRefusal({ status, headers }: Refusal, asked: Asked, nowMs: number): UserError | TransientFailure {
  const { repo, url } = asked;
  const busyHint = '; with HF_TOKEN the hub allows more';
  const known = serverRefusal({ status, headers }, url, 'HUB_FAILED', nowMs, busyHint);
  if (known !== undefined) return known;
  // Addresses of the storage behind the hub are signed for a while: the hub gives a new one.
  if (url.origin !== new URL(repo.endpoint).origin) {
    return new TransientFailure(
      'HUB_FAILED',
      `${url.host} failed (${status})`,
      'run the download again later, and it goes on where it stopped',
    );
  }
  const code = headers.get('x-error-code');
  if (status === 401 || status === 403) return denied(code, asked, status);
  if (status === 404) return notFound(code, asked);
  return new UserError(
    'HUB_FAILED',
    `${url.host} refused the request (${status}): check that the endpoint is a Hugging Face hub or a mirror of one.`,
  );
}

function denied(code: string | null, { repo, hasToken, sentToken }: Asked, status: number): UserError {
  const page = `${repo.endpoint}/${repo.name}`;
  const sentence = () => {
    if (code === 'GatedRepo') {
      return sentToken
        ? `${repo.name} is gated, and the account of the access token has no access to it: accept its conditions at ${page}, then download again.`
        : `${repo.name} is gated: accept its conditions at ${page}, then try again with an access token of that account, in HF_TOKEN or by "Caselight: Set Token for Downloads…".`;
    }
    if (hasToken && !sentToken) {
      return `The hub wants an access token (${status}), and yours is not sent over plain http: give an https address as the endpoint.`;
    }
    if (!sentToken) {
      return `${repo.name} does not exist or is private (${status}): check its name, or give an access token, in HF_TOKEN or by "Caselight: Set Token for Downloads…".`;
    }
    return `The hub does not accept the access token for ${repo.name} (${status}): check the repository's name, and that the token (HF_TOKEN, or "Caselight: Set Token for Downloads…") is not expired and may read it.`;
  };
  return new UserError('HUB_REFUSED', sentence());
}

function notFound(code: string | null, { repo, file, url }: Asked): UserError {
  const sentence = () => {
    if (code === 'RevisionNotFound')
      return `${repo.name} has no revision ${repo.revision}: choose one of its branches, tags or commits with --revision.`;
    if (file !== undefined)
      return `${url.host} lists ${file} of ${repo.name} but does not have it: try again later, or from another endpoint.`;
    return `There is no model ${repo.name} at ${repo.endpoint}, or no revision ${repo.revision} of it: check both; a private one needs an access token, in HF_TOKEN or by "Caselight: Set Token for Downloads…".`;
  };
  return new UserError('HUB_NOT_FOUND', sentence());
}
