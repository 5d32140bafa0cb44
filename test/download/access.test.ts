import { describe, expect, it } from 'vitest';
import { biobertFiles, startHub, weightBytes } from '../support/hubModel.ts';
import type { HubServer } from '../support/hubServer.ts';
import { prepareDownload } from './startDownload.ts';

const TOKEN = 'hf_secretsecretsecret';
const files = biobertFiles(weightBytes(50_000));

/** Hosts of the requests that carried the token. */
const tokenAt = (hub: HubServer) => [
  ...new Set(hub.requests.filter(({ headers }) => headers.authorization !== undefined).map(({ host }) => host)),
];

describe('an access token', () => {
  it('opens a private repository, and goes to the hub only, not to where it redirects to', async () => {
    const hub = await startHub({ files, token: TOKEN });
    await prepareDownload(hub).run({ token: TOKEN });
    expect(tokenAt(hub)).toEqual(['hub']);
    expect(hub.requests.some(({ host }) => host === 'storage')).toBe(true);
    for (const { headers } of hub.requests) expect([undefined, `Bearer ${TOKEN}`]).toContain(headers.authorization);
  });

  it.each(['HF_TOKEN', 'HUGGING_FACE_HUB_TOKEN'])('is taken from %s', async (variable) => {
    const hub = await startHub({ files, token: TOKEN });
    await prepareDownload(hub).run({}, { env: { [variable]: TOKEN } });
    expect(tokenAt(hub)).toEqual(['hub']);
  });

  it('that is given goes before that of the environment', async () => {
    const hub = await startHub({ files, token: TOKEN });
    await prepareDownload(hub).run({ token: TOKEN }, { env: { HF_TOKEN: 'hf_other' } });
    expect(tokenAt(hub)).toEqual(['hub']);
  });

  it('of another shape than those of huggingface.co opens a mirror', async () => {
    const hub = await startHub({ files, token: 'reference.token/of-a+mirror=' });
    await prepareDownload(hub).run({ token: 'reference.token/of-a+mirror=' });
    expect(tokenAt(hub)).toEqual(['hub']);
  });

  it('does not follow a listing that goes on at another host', async () => {
    const [hub, other] = [await startHub({ files, pageSize: 3 }), await startHub({ files })];
    hub.linkTo = other.endpoint;
    await prepareDownload(hub).run({ token: TOKEN });
    expect(other.requests.length).toBeGreaterThan(0);
    expect(tokenAt(other)).toEqual([]);
  });

  it('is not sent through a proxy that could read it', async () => {
    const hub = await startHub({ files, token: TOKEN });
    const running = prepareDownload(hub).run({ token: TOKEN }, { env: { HTTP_PROXY: hub.endpoint } });
    await expect(running).rejects.toMatchObject({
      code: 'HUB_REFUSED',
      message: expect.stringContaining('not sent over plain http'),
    });
    expect(tokenAt(hub)).toEqual([]);
  });
});

describe('a repository that does not open', () => {
  const refused: [string, Partial<Parameters<typeof startHub>[0]>, object, string, string][] = [
    ['does not exist', {}, { repo: 'dmis-lab/other' }, 'HUB_REFUSED', 'does not exist or is private (401)'],
    [
      'does not exist, with a token',
      {},
      { repo: 'dmis-lab/other', token: TOKEN },
      'HUB_NOT_FOUND',
      'There is no model dmis-lab/other',
    ],
    [
      'is private',
      { token: TOKEN },
      {},
      'HUB_REFUSED',
      'give an access token, in HF_TOKEN or by "Caselight: Set Token',
    ],
    ['is gated', { token: TOKEN, gated: true }, {}, 'HUB_REFUSED', 'is gated: accept its conditions at http'],
    [
      'is gated for the account',
      { token: TOKEN, gated: true },
      { token: 'hf_of_another' },
      'HUB_REFUSED',
      'has no access to it',
    ],
    ['has no such revision', {}, { revision: 'v9' }, 'HUB_NOT_FOUND', 'has no revision v9'],
  ];

  it.each(refused)(
    'because it %s is told of at once, without the token',
    async (_, options, change, code, sentence) => {
      const hub = await startHub({ files, ...options });
      const { run, waitedMs, notices } = prepareDownload(hub);
      const error = await run(change).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code, message: expect.stringContaining(sentence) });
      expect(String(error)).toMatch(/[^.]\.$/);
      expect(JSON.stringify([String(error), notices])).not.toContain('hf_');
      expect(waitedMs).toEqual([]);
    },
  );

  it('because the token is not known is told of', async () => {
    const hub = await startHub({ files });
    hub.fail('api', { status: 401 });
    await expect(prepareDownload(hub).run({ token: TOKEN })).rejects.toMatchObject({
      code: 'HUB_REFUSED',
      message: expect.stringContaining('does not accept the access token'),
    });
  });

  it('because a listed file is missing is told of by its name', async () => {
    const hub = await startHub({ files });
    hub.fail('vocab.txt', { status: 404 });
    await expect(prepareDownload(hub).run()).rejects.toMatchObject({
      code: 'HUB_NOT_FOUND',
      message: expect.stringContaining('lists vocab.txt'),
    });
  });
});

describe('a redirect', () => {
  it('without end is refused', async () => {
    const hub = await startHub({ files });
    hub.fail('vocab.txt', ...Array(20).fill({ status: 302, headers: { location: '/api/resolve-cache/vocab.txt' } }));
    await expect(prepareDownload(hub).run()).rejects.toMatchObject({
      code: 'HUB_FAILED',
      message: expect.stringContaining('without end'),
    });
  });

  it.each(['http://[', 'file:///etc/passwd', 'ftp://127.0.0.1/x'])('to %s is refused', async (location) => {
    const hub = await startHub({ files });
    hub.fail('vocab.txt', { status: 302, headers: { location } });
    await expect(prepareDownload(hub).run()).rejects.toMatchObject({ code: 'HUB_FAILED' });
  });

  it('shows its signature to nobody', async () => {
    const hub = await startHub({ files });
    hub.fail('pytorch_model.bin', ...Array(5).fill({ status: 403 }));
    const { run, notices } = prepareDownload(hub);
    const error = await run().catch((thrown: unknown) => thrown);
    expect(JSON.stringify([String(error), notices])).not.toContain('s3cret');
    expect(error).toMatchObject({ code: 'HUB_FAILED' });
  });
});
