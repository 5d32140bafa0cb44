import { UserError } from '../core/userError.ts';

/**
 * The access token for the hub: the one given, else `HF_TOKEN`, else `HUGGING_FACE_HUB_TOKEN`; undefined where there is none.
 * @throws UserError BAD_ARGUMENT where it cannot be a token; the message does not show it
 */
export function accessToken(given: string | undefined, env: NodeJS.ProcessEnv): string | undefined {
  const token = (given || env.HF_TOKEN || env.HUGGING_FACE_HUB_TOKEN || '').trim();
  if (token === '') return undefined;
  // What stands in an HTTP header; a mirror's tokens need not begin with hf_.
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new UserError(
    'BAD_ARGUMENT',
    'The access token has a space or a special character in it: copy it again from the settings of your account on the hub.',
  );
}
