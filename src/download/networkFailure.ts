import { UserError } from '../core/userError.ts';
import { TransientFailure } from './transientFailure.ts';

/** OpenSSL's and Node's names for what is wrong with a certificate, and with a handshake. */
const CERTIFICATE_ERROR = /^(CERT_|UNABLE_TO_|SELF_SIGNED_CERT|DEPTH_ZERO|HOSTNAME_MISMATCH|INVALID_CA|ERR_TLS_CERT)/;
const HANDSHAKE_ERROR = /^(ERR_SSL_|ERR_TLS_|EPROTO)/;
const AGAIN = 'run the download again, and it goes on where it stopped';

/**
 * What a request that got no answer, or half of one, comes to.
 * @param hasAnswered whether the server answered before in this download: a wrong name or port would not have
 * @param proxied whether the request goes through a proxy
 * @param address what people call the address that they can change, such as `endpoint`
 */
export function networkFailure(
  error: unknown,
  host: string,
  {
    hasAnswered,
    proxied,
    address,
  }: { readonly hasAnswered: boolean; readonly proxied: boolean; readonly address: string },
): UserError | TransientFailure {
  const code = codeOf(error);
  const refusal = (sentence: string) => new UserError('NETWORK_FAILED', sentence, { cause: error });
  if (code !== undefined && CERTIFICATE_ERROR.test(code)) {
    return refusal(
      `The certificate of ${host} is not trusted (${code}): in a network that inspects connections, name its root certificate file in NODE_EXTRA_CA_CERTS.`,
    );
  }
  if (code !== undefined && HANDSHAKE_ERROR.test(code)) {
    return refusal(
      `No encrypted connection to ${host} could be made (${code}): check the ${address} and its port, and whether HTTPS_PROXY is right.`,
    );
  }
  if (proxied && (code === 'UND_ERR_ABORTED' || code === 'UND_ERR_INVALID_ARG')) {
    return refusal(
      `The proxy does not connect to ${host}: check HTTPS_PROXY and HTTP_PROXY, with the user name and password that the proxy may want.`,
    );
  }
  if (!hasAnswered && (code === 'ENOTFOUND' || code === 'EAI_AGAIN')) {
    return refusal(
      `${proxied ? 'The proxy' : host} could not be found: check the connection to the internet, the ${address}, and whether HTTPS_PROXY has to be set.`,
    );
  }
  if (!hasAnswered && code === 'ECONNREFUSED') {
    return refusal(
      `${proxied ? 'The proxy' : host} takes no connections: check the ${address}, and whether HTTPS_PROXY is right.`,
    );
  }
  return new TransientFailure(
    'NETWORK_FAILED',
    `The connection to ${host} broke (${code ?? 'no reason given'})`,
    AGAIN,
    {
      cause: error,
    },
  );
}

/** The server said nothing for too long. */
export function silenceFailure(host: string, silenceMs: number): TransientFailure {
  return new TransientFailure('NETWORK_FAILED', `${host} sent nothing for ${Math.ceil(silenceMs / 1000)} s`, AGAIN);
}

/** The first code on the way down: fetch wraps what happened in errors of its own. */
function codeOf(error: unknown): string | undefined {
  for (let each = error; each instanceof Error; each = each.cause) {
    const { code } = each as NodeJS.ErrnoException;
    if (typeof code === 'string') return code;
  }
  return undefined;
}
