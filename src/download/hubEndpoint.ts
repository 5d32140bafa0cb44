import { UserError } from '../core/userError.ts';
import { baseAddress } from './baseAddress.ts';

const DEFAULT_ENDPOINT = 'https://huggingface.co';

/**
 * The hub to download from: what was asked for, else `HF_ENDPOINT`, else huggingface.co. A mirror may lie under a path.
 * @returns an http or https address without a slash at its end
 * @throws UserError BAD_ARGUMENT
 */
export function hubEndpoint(asked: string | undefined, env: NodeJS.ProcessEnv): string {
  return baseAddress(
    asked || env.HF_ENDPOINT || DEFAULT_ENDPOINT,
    (finding) =>
      new UserError(
        'BAD_ARGUMENT',
        `The endpoint of the hub ${finding}: give an address such as ${DEFAULT_ENDPOINT} with --endpoint or HF_ENDPOINT.`,
      ),
  );
}

/**
 * Whether a request may carry the access token: only to the endpoint itself, never to where it redirects to, and never
 * readable on the way. Plain http is safe within this machine only.
 */
export function mayCarryToken(url: URL, endpoint: string): boolean {
  return url.origin === new URL(endpoint).origin && (url.protocol === 'https:' || isLoopback(url.hostname));
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}
