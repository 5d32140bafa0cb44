import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PartialFolder } from '../../src/download/partialFolder.ts';
import { biobertFiles, large, startHub, weightBytes } from '../support/hubModel.ts';
import type { Fault, HubServer } from '../support/hubServer.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { prepareDownload } from './startDownload.ts';

const FILE = 'pytorch_model.bin';
const weights = weightBytes(300_000);
const files = biobertFiles(weights);

/** A hub and a download from it. */
async function prepare(options: Partial<Parameters<typeof startHub>[0]> = {}) {
  const hub = await startHub({ files, ...options });
  return { hub, ...prepareDownload(hub) };
}

/** Requests for the bytes of the weights. */
const weightRequests = (hub: HubServer) => hub.requests.filter(({ host }) => host === 'storage');

describe('a connection that breaks', () => {
  it('is made again, and the file goes on where it stopped', async () => {
    const { hub, run, destination, notices, waitedMs } = await prepare();
    hub.fail(FILE, { cutOnceReceived: 100_000 }, { cutOnceReceived: 50_000 });
    await run();
    expect(readFileSync(`${destination}/${FILE}`).equals(weights)).toBe(true);
    expect(weightRequests(hub).map(({ headers }) => headers.range)).toEqual([
      undefined,
      'bytes=100000-',
      'bytes=150000-',
    ]);
    expect(hub.sentBytes(FILE)).toBe(300_000);
    expect(waitedMs).toEqual([1000, 2000]);
    expect(notices[0]).toMatch(/^The connection to 127\.0\.0\.1:\d+ broke \(\w+\); trying again in 1 s$/);
  });

  it('is given up after five times without progress, and the next run goes on', async () => {
    const { hub, run, destination, waitedMs } = await prepare();
    hub.fail(FILE, { cutOnceReceived: 100_000 }, ...Array<Fault>(4).fill({ cutOnceReceived: 0 }));
    await expect(run()).rejects.toMatchObject({
      code: 'NETWORK_FAILED',
      message: expect.stringContaining('goes on where it stopped'),
    });
    expect(waitedMs).toEqual([1000, 2000, 4000, 8000]);
    expect(existsSync(destination)).toBe(false);
    const summary = await run();
    expect(summary.resumedBytes).toBe(summary.totalBytes - 200_000);
    expect(hub.sentBytes(FILE)).toBe(300_000);
    expect(readFileSync(`${destination}/${FILE}`).equals(weights)).toBe(true);
    expect(existsSync(`${destination}.partial`)).toBe(false);
  });

  it('may break often while it brings something', async () => {
    const big = weightBytes(9 << 20);
    const { hub, run, destination } = await prepare({ files: { ...files, [FILE]: large(big) } });
    hub.fail(FILE, ...Array<Fault>(8).fill({ cutOnceReceived: 1 << 20 }));
    await run();
    expect(readFileSync(`${destination}/${FILE}`).equals(big)).toBe(true);
  });

  it('is made again in the middle of a listing', async () => {
    const { hub, run, waitedMs } = await prepare();
    hub.fail('api', { status: 502 }, { status: 500 });
    await run();
    expect(waitedMs).toEqual([1000, 2000]);
  });

  it('counts as broken once the server is silent', async () => {
    const { hub, run, destination, notices } = await prepare();
    hub.fail(FILE, { holdAfter: 1000 });
    await run({}, { silenceMs: 300 });
    expect(notices).toEqual([expect.stringMatching(/sent nothing for 1 s; trying again/)]);
    expect(readFileSync(`${destination}/${FILE}`).equals(weights)).toBe(true);
  });
});

describe('a file in pieces', () => {
  it('is the same wherever the connection broke, and each byte is sent once', async () => {
    const content = weightBytes(5000);
    const hub = await startHub({ files: { ...files, [FILE]: large(content) } });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 2500 }), { maxLength: 4 }), async (cuts) => {
        hub.requests.length = 0;
        hub.fail(FILE, ...cuts.map((cutOnceReceived) => ({ cutOnceReceived })));
        const { run, destination } = prepareDownload(hub);
        await run();
        expect(readFileSync(`${destination}/${FILE}`).equals(content)).toBe(true);
        expect(hub.sentBytes(FILE)).toBe(5000);
      }),
      { numRuns: 15 },
    );
  });
});

describe('a server that cannot go on with a file', () => {
  it.each<[string, Fault, (string | undefined)[]]>([
    ['ignores the range', { ignoreRange: true }, [undefined, 'bytes=100000-']],
    ['has another validator now', { etag: '"other"' }, [undefined, 'bytes=100000-']],
    ['has a weak validator', { etag: 'W/"weak"' }, [undefined, 'bytes=100000-']],
    [
      'has another validator now, and does not heed ours',
      { etag: '"other"', ignoreCondition: true },
      [undefined, 'bytes=100000-', undefined],
    ],
    ['does not satisfy the range', { status: 416 }, [undefined, 'bytes=100000-', undefined]],
    [
      'answers with another range',
      { headers: { 'content-range': `bytes 0-199999/300000` } },
      [undefined, 'bytes=100000-', undefined],
    ],
  ])('because it %s sends it again from the start', async (_, fault, ranges) => {
    const { hub, run, destination } = await prepare();
    hub.fail(FILE, { cutOnceReceived: 100_000 }, fault);
    await run();
    expect(weightRequests(hub).map(({ headers }) => headers.range)).toEqual(ranges);
    expect(readFileSync(`${destination}/${FILE}`).equals(weights)).toBe(true);
  });

  it('is asked with the validator of the bytes that are here, also by the next run', async () => {
    const { hub, run } = await prepare();
    hub.fail(FILE, { cutOnceReceived: 100_000, etag: '"first"' }, ...Array<Fault>(4).fill({ status: 503 }));
    await expect(run()).rejects.toMatchObject({ code: 'HUB_FAILED' });
    await run();
    expect(weightRequests(hub).at(-1)?.headers).toMatchObject({ range: 'bytes=100000-', 'if-range': '"first"' });
  });
});

describe('a file that is not the one listed', () => {
  const wrong: [string, Fault][] = [
    ['has other bytes', { content: weightBytes(300_000, 9) }],
    ['is longer', { content: weightBytes(300_001, 9) }],
    ['is shorter', { content: weightBytes(299_999, 9) }],
  ];

  it.each(wrong)('because it %s is fetched once more', async (_, fault) => {
    const { hub, run, destination, notices } = await prepare();
    hub.fail(FILE, fault);
    await run();
    expect(readFileSync(`${destination}/${FILE}`).equals(weights)).toBe(true);
    expect(notices).toEqual([`${FILE} is not the file that the hub lists; fetching it once more`]);
  });

  it.each(wrong)('because it %s twice is thrown away', async (_, fault) => {
    const { hub, run, destination } = await prepare();
    hub.fail(FILE, fault, fault);
    await expect(run()).rejects.toMatchObject({
      code: 'HASH_MISMATCH',
      message: expect.stringContaining('thrown away'),
    });
    expect(existsSync(destination)).toBe(false);
    const parts = readdirSync(`${destination}.partial`).filter((name) => name.endsWith('.part'));
    expect(parts.map((name) => statSync(`${destination}.partial/${name}`).size)).toEqual([0]);
  });

  it('is found out among small files too, which the hub knows by git only', async () => {
    const { hub, run } = await prepare();
    const fault = { content: Buffer.from('[PAD]\n[UNK]\n[CLS]\n[SEP]?') };
    hub.fail('vocab.txt', fault, fault);
    await expect(run()).rejects.toMatchObject({
      code: 'HASH_MISMATCH',
      message: expect.stringMatching(/^vocab\.txt came twice/),
    });
  });

  it('is found out where only the part from an earlier run is damaged', async () => {
    const { hub, run, destination } = await prepare();
    hub.fail(FILE, { cutOnceReceived: 100_000 }, ...Array<Fault>(4).fill({ cutOnceReceived: 0 }));
    await expect(run()).rejects.toMatchObject({ code: 'NETWORK_FAILED' });
    const part = readdirSync(`${destination}.partial`).find((name) => name.endsWith('.part'));
    writeFileSync(`${destination}.partial/${part}`, Buffer.alloc(100_000));
    const summary = await run();
    expect(readFileSync(`${destination}/${FILE}`).equals(weights)).toBe(true);
    expect(summary.resumedBytes).toBeLessThan(1000);
  });

  it('changed between two runs: the old part is not joined to it', async () => {
    const { hub, run, destination } = await prepare();
    hub.fail(FILE, { cutOnceReceived: 100_000 }, ...Array<Fault>(4).fill({ cutOnceReceived: 0 }));
    await expect(run()).rejects.toMatchObject({ code: 'NETWORK_FAILED' });
    const changed = weightBytes(250_000, 77);
    hub.files.set(FILE, large(changed));
    hub.commit = 'a'.repeat(40);
    const summary = await run();
    expect(weightRequests(hub).at(-1)?.headers.range).toBe(undefined);
    expect(readFileSync(`${destination}/${FILE}`).equals(changed)).toBe(true);
    expect([summary.commit, existsSync(`${destination}.partial`)]).toEqual(['a'.repeat(40), false]);
  });

  it('stays good where only another file of the commit changed', async () => {
    const { hub, run } = await prepare();
    hub.fail(FILE, { cutOnceReceived: 100_000 }, ...Array<Fault>(4).fill({ cutOnceReceived: 0 }));
    await expect(run()).rejects.toMatchObject({ code: 'NETWORK_FAILED' });
    hub.files.set('README.md', { content: Buffer.from('new'), lfs: false });
    hub.commit = 'b'.repeat(40);
    await run();
    expect(hub.sentBytes(FILE)).toBe(300_000);
  });
});

describe('what an earlier run left', () => {
  /** All but the weights is whole. */
  async function prepareStopped() {
    const prepared = await prepare();
    prepared.hub.fail(FILE, ...Array<Fault>(5).fill({ status: 503 }));
    await expect(prepared.run()).rejects.toMatchObject({ code: 'HUB_FAILED' });
    return prepared;
  }

  it('is not fetched again where it is whole', async () => {
    const { hub, run } = await prepareStopped();
    const summary = await run();
    expect(hub.sentBytes('vocab.txt')).toBe(24);
    expect(summary.resumedBytes).toBe(summary.totalBytes - weights.length);
  });

  it('is fetched again where it is damaged', async () => {
    const { hub, run, destination } = await prepareStopped();
    writeFileSync(`${destination}.partial/staged/vocab.txt`, 'x'.repeat(24));
    await run();
    expect(hub.sentBytes('vocab.txt')).toBe(48);
    expect(readFileSync(`${destination}/vocab.txt`, 'utf8')).toMatch(/^\[PAD\]/);
  });

  it('does not come along where the repository does not have it any more', async () => {
    const { hub, run, destination } = await prepareStopped();
    hub.files.delete('tokenizer_config.json');
    hub.commit = 'c'.repeat(40);
    await run();
    expect(readdirSync(destination)).not.toContain('tokenizer_config.json');
  });
});

describe('a hub that has enough', () => {
  it.each<[string, string, number[]]>([
    ['seconds', '7', [7000]],
    ['a date', 'Fri, 02 Jan 2026 00:00:30 GMT', [30_000]],
    ['nothing that can be read', 'soon', [1000]],
  ])('is left alone for as long as it asks, in %s', async (_, retryAfter, expected) => {
    const { hub, run, waitedMs } = await prepare();
    hub.fail('api', { status: 429, headers: { 'retry-after': retryAfter } });
    await run();
    expect(waitedMs).toEqual(expected);
  });

  it('is not waited for where it asks for an hour', async () => {
    const { hub, run, waitedMs } = await prepare();
    hub.fail(FILE, { status: 429, headers: { 'retry-after': '3600' } });
    await expect(run()).rejects.toMatchObject({
      code: 'HUB_FAILED',
      message: expect.stringContaining('no more requests for now (429)'),
    });
    expect(waitedMs).toEqual([]);
  });

  it('is told of where it stays out of order', async () => {
    const { hub, run } = await prepare();
    hub.fail('api', ...Array<Fault>(5).fill({ status: 503 }));
    await expect(run()).rejects.toMatchObject({ code: 'HUB_FAILED', message: expect.stringContaining('failed (503)') });
  });

  it('is asked for a new address where that of the storage has run out', async () => {
    const { hub, run } = await prepare();
    hub.fail(FILE, { status: 403 });
    await run();
    expect(weightRequests(hub).map(({ status }) => status)).toEqual([403, 200]);
  });
});

describe('a cancelled download', () => {
  it('leaves no destination, and what the next run goes on from', async () => {
    const { hub, run, destination } = await prepare();
    const abort = new AbortController();
    hub.fail(FILE, { holdAfter: 120_000 });
    const running = run({
      signal: abort.signal,
      onProgress: ({ receivedBytes, totalBytes }) => totalBytes - receivedBytes === 180_000 && abort.abort(),
    });
    await expect(running).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(existsSync(destination)).toBe(false);
    expect(existsSync(`${destination}.partial/lock`)).toBe(false);
    await run();
    expect(hub.sentBytes(FILE)).toBe(300_000);
    expect(readFileSync(`${destination}/${FILE}`).equals(weights)).toBe(true);
  });

  it('does not wait for the next try', async () => {
    const { hub, run } = await prepare();
    const abort = new AbortController();
    hub.fail('api', { status: 503 });
    const sleep = async (_: number, signal: AbortSignal) => {
      abort.abort();
      signal.throwIfAborted();
    };
    await expect(run({ signal: abort.signal }, { sleep })).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('asks nothing where it is cancelled before', async () => {
    const { hub, run } = await prepare();
    await expect(run({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(hub.requests).toEqual([]);
  });
});

describe('a hub that is not there', () => {
  it('is told of at once where nothing listens', async () => {
    const { run, hub, waitedMs } = await prepare();
    await hub.close();
    await expect(run()).rejects.toMatchObject({
      code: 'NETWORK_FAILED',
      message: expect.stringContaining('takes no connections'),
    });
    expect(waitedMs).toEqual([]);
  });

  it('is told of at once where the name is not known', async () => {
    const { run, waitedMs } = await prepare();
    const running = run({ endpoint: 'https://hub.invalid' });
    await expect(running).rejects.toMatchObject({
      code: 'NETWORK_FAILED',
      message: expect.stringContaining('hub.invalid could not be found'),
    });
    expect(waitedMs).toEqual([]);
  });

  it('is told from a page of something else', async () => {
    const { hub, run } = await prepare();
    hub.fail('api', { status: 200, headers: { 'content-type': 'text/html' } });
    await expect(run()).rejects.toMatchObject({
      code: 'HUB_FAILED',
      message: expect.stringContaining('does not answer as a Hugging Face hub'),
    });
  });

  it('is told from a mirror that lists no files', async () => {
    const { hub, run } = await prepare();
    hub.fail('api', {}, { status: 404 });
    await expect(run()).rejects.toMatchObject({
      code: 'HUB_FAILED',
      message: expect.stringContaining('does not list its files'),
    });
  });

  it('is told from something that speaks no HTTP', async () => {
    const { run } = await prepare();
    const server = createServer((socket) => socket.resume().end('220 mail\r\n'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    await expect(run({ endpoint: `http://127.0.0.1:${port}` })).rejects.toMatchObject({ code: 'NETWORK_FAILED' });
    await expect(run({ endpoint: `https://127.0.0.1:${port}` })).rejects.toMatchObject({
      code: 'NETWORK_FAILED',
      message: expect.stringContaining('No encrypted connection'),
    });
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('the partial folder', () => {
  it('does not take the place of what came there meanwhile', async () => {
    const { run, destination, hub } = await prepare();
    const onProgress = () => {
      mkdirSync(destination, { recursive: true });
      writeFileSync(`${destination}/mine.txt`, 'mine');
    };
    await expect(run({ onProgress })).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' });
    expect(readdirSync(destination)).toEqual(['mine.txt']);
    rmSync(destination, { recursive: true });
    await run();
    expect(hub.sentBytes(FILE)).toBe(300_000);
  });

  it('is refused where the disk has no room for what is still to come', async () => {
    const folder = await PartialFolder.take(`${temporaryFolder()}/model`);
    const file = {
      name: FILE,
      path: FILE,
      sizeBytes: 2 ** 52,
      hash: { algorithm: 'sha256', hex: 'a'.repeat(64) },
    } as const;
    await expect(folder.checkSpace([file])).rejects.toMatchObject({
      code: 'IO_ERROR',
      message: expect.stringMatching(/^The download needs .* and the disk has .* free: make room/),
    });
    await expect(folder.checkSpace([{ ...file, sizeBytes: 1 }])).resolves.toBeUndefined();
  });

  it('keeps what is not its own', async () => {
    const { run, destination } = await prepare();
    mkdirSync(`${destination}.partial`);
    writeFileSync(`${destination}.partial/mine.txt`, 'mine');
    await run();
    expect(readdirSync(`${destination}.partial`)).toEqual(['mine.txt']);
  });

  it('is taken over from a process that is gone', async () => {
    const { run, destination } = await prepare();
    mkdirSync(`${destination}.partial`);
    writeFileSync(`${destination}.partial/lock`, '999999999');
    await run();
    expect(existsSync(`${destination}.partial`)).toBe(false);
  });
});
