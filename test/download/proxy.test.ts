import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { proxyFor } from '../../src/download/proxy.ts';
import { biobertFiles, startHub, weightBytes } from '../support/hubModel.ts';
import { startProxy } from '../support/proxyServer.ts';
import { prepareDownload } from './startDownload.ts';

const files = biobertFiles(weightBytes(50_000));
const pem = (name: string) =>
  readFileSync(path.resolve(import.meta.dirname, `../fixtures/loopback/${name}.pem`), 'utf8');
const hidden = { proxy: 'user:p%40ss', authorization: `Basic ${Buffer.from('user:p@ss').toString('base64')}` };

describe('proxyFor', () => {
  it.each<[string, NodeJS.ProcessEnv, string, string | undefined]>([
    ['none', {}, 'https://huggingface.co/x', undefined],
    ['HTTPS_PROXY', { HTTPS_PROXY: 'http://proxy:8080' }, 'https://huggingface.co/x', 'http://proxy:8080'],
    ['https_proxy first', { https_proxy: 'http://small', HTTPS_PROXY: 'http://LARGE' }, 'https://hub/', 'http://small'],
    ['HTTP_PROXY for http only', { HTTP_PROXY: 'http://proxy' }, 'https://hub/', undefined],
    ['HTTP_PROXY', { HTTP_PROXY: 'http://proxy' }, 'http://hub/', 'http://proxy'],
    ['ALL_PROXY', { ALL_PROXY: 'https://proxy' }, 'https://hub/', 'https://proxy'],
    ['a proxy without a scheme', { HTTPS_PROXY: 'proxy.corp:8080' }, 'https://hub/', 'http://proxy.corp:8080'],
    ['an empty one', { HTTPS_PROXY: '' }, 'https://hub/', undefined],
    ['NO_PROXY, the host', { HTTPS_PROXY: 'http://proxy', NO_PROXY: 'a.b, hub.corp' }, 'https://hub.corp/', undefined],
    ['NO_PROXY, hosts under it', { HTTPS_PROXY: 'http://proxy', NO_PROXY: 'corp' }, 'https://hub.corp/', undefined],
    ['NO_PROXY with a dot', { HTTPS_PROXY: 'http://proxy', no_proxy: '.corp' }, 'https://hub.corp/', undefined],
    ['NO_PROXY with a star', { HTTPS_PROXY: 'http://proxy', NO_PROXY: '*.corp' }, 'https://hub.corp/', undefined],
    ['NO_PROXY, another host', { HTTPS_PROXY: 'http://proxy', NO_PROXY: 'corp' }, 'https://hubcorp/', 'http://proxy'],
    ['NO_PROXY, the port', { HTTPS_PROXY: 'http://proxy', NO_PROXY: 'hub:443' }, 'https://hub/', undefined],
    ['NO_PROXY, another port', { HTTPS_PROXY: 'http://proxy', NO_PROXY: 'hub:80' }, 'https://hub/', 'http://proxy'],
    ['NO_PROXY for all', { HTTPS_PROXY: 'http://proxy', NO_PROXY: '*' }, 'https://hub/', undefined],
  ])('reads %s', (_, env, url, expected) => {
    expect(proxyFor(new URL(url), env)).toBe(expected);
  });

  it.each(['socks5://proxy:1080', 'http://[', 'user@'])('refuses %s', (proxy) => {
    expect(() => proxyFor(new URL('https://hub'), { HTTPS_PROXY: proxy })).toThrow(
      /proxy that Caselight does not speak to/,
    );
  });
});

describe('a download through a proxy', () => {
  it('of plain http is forwarded', async () => {
    const [hub, proxy] = [await startHub({ files }), await startProxy(hidden.authorization)];
    const env = { HTTP_PROXY: proxy.url.replace('//', `//${hidden.proxy}@`) };
    await prepareDownload(hub).run({}, { env });
    expect(proxy.requests).toHaveLength(hub.requests.length);
    expect(proxy.requests[0]).toMatch(`GET ${hub.endpoint}/api/models/`);
  });

  it('of https asks for a tunnel, and sees nothing of what goes through it', async () => {
    const hub = await startHub({ files, tls: { key: pem('key'), cert: pem('certificate') } });
    const proxy = await startProxy();
    const running = prepareDownload(hub).run({ token: 'hf_secret' }, { env: { HTTPS_PROXY: proxy.url } });
    await expect(running).rejects.toMatchObject({
      code: 'NETWORK_FAILED',
      message: expect.stringMatching(/is not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\).*NODE_EXTRA_CA_CERTS\.$/),
    });
    expect(proxy.requests).toEqual([`CONNECT ${new URL(hub.endpoint).host}`]);
  });

  it.each([
    ['http', undefined],
    ['https', { key: pem('key'), cert: pem('certificate') }],
  ])('that wants a password is told of for %s', async (_, tls) => {
    const [hub, proxy] = [await startHub({ files, ...(tls && { tls }) }), await startProxy(hidden.authorization)];
    const running = prepareDownload(hub).run({}, { env: { HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url } });
    await expect(running).rejects.toMatchObject({
      code: 'NETWORK_FAILED',
      message: expect.stringMatching(/proxy.*password/),
    });
    expect([hub.requests.length, proxy.requests.length]).toEqual([0, 1]);
  });

  it('that is not there is told of', async () => {
    const [hub, gone] = [await startHub({ files }), await startHub({ files })];
    await gone.close();
    const running = prepareDownload(hub).run({}, { env: { HTTP_PROXY: gone.endpoint } });
    await expect(running).rejects.toMatchObject({
      code: 'NETWORK_FAILED',
      message: expect.stringMatching(/^The proxy takes no connections/),
    });
  });

  it('goes around it for a host in NO_PROXY', async () => {
    const [hub, proxy] = [await startHub({ files }), await startProxy()];
    await prepareDownload(hub).run({}, { env: { HTTP_PROXY: proxy.url, NO_PROXY: '127.0.0.1' } });
    expect(proxy.requests).toEqual([]);
  });
});
