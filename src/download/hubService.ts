import type { HttpService } from './httpClient.ts';
import { mayCarryToken } from './hubEndpoint.ts';
import { hubRefusal } from './hubRefusal.ts';
import type { HubRepo } from './hubRepo.ts';

/** A hub as a client talks to it: with the access token where it may go. What a request is for is a path in the repository. */
export function hubService(repo: HubRepo, token: string | undefined, nowMs: () => number): HttpService {
  return {
    code: 'HUB_FAILED',
    address: 'endpoint',
    authorization: (url) => (token !== undefined && mayCarryToken(url, repo.endpoint) ? `Bearer ${token}` : undefined),
    refusal: (answer, { url, what, sentAuthorization }) => {
      const asked = { repo, file: what, url, hasToken: token !== undefined, sentToken: sentAuthorization };
      return hubRefusal(answer, asked, nowMs());
    },
  };
}
