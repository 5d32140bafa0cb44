import { UserError } from '../core/userError.ts';

/**
 * The proxy that the environment names for an address: `HTTPS_PROXY` or `HTTP_PROXY` by its scheme, else `ALL_PROXY`, unless
 * `NO_PROXY` lists its host. Small letters go first, as in curl; Node's own fetch reads none of them.
 * @returns undefined for a direct connection
 * @throws UserError BAD_ARGUMENT for a kind of proxy that is not spoken
 */
export function proxyFor(url: URL, env: NodeJS.ProcessEnv): string | undefined {
  const variable = (name: string) => env[name.toLowerCase()] || env[name] || '';
  const named = variable(url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY') || variable('ALL_PROXY');
  if (named === '' || isExempt(url, variable('NO_PROXY'))) return undefined;
  const proxy = /^[a-z][a-z0-9+.-]*:\/\//i.test(named) ? named : `http://${named}`;
  if (/^https?:\/\//i.test(proxy) && URL.canParse(proxy)) return proxy;
  throw new UserError(
    'BAD_ARGUMENT',
    'HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names a proxy that Caselight does not speak to: give one that begins with http:// or https://.',
  );
}

/** An entry is a host with all hosts under it, perhaps with a port, or * for all. */
function isExempt(url: URL, noProxy: string): boolean {
  const host = url.hostname.toLowerCase();
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => {
      if (entry === '*') return true;
      const [, name = '', only] = /^\*?\.?(.+?)(?::(\d+))?$/.exec(entry) ?? [];
      return name !== '' && (host === name || host.endsWith(`.${name}`)) && (only ?? port) === port;
    });
}
