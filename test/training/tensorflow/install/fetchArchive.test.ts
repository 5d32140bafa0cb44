import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startHub, weightBytes } from '../../../support/hubModel.ts';
import type { Fault } from '../../../support/hubServer.ts';
import { startProxy } from '../../../support/proxyServer.ts';
import { knownArchives, sha256, upstreamArchive } from '../../../support/tensorflowArchives.ts';
import { prepareInstall } from './startInstall.ts';

const archive = await upstreamArchive();
const archives = knownArchives(archive);
const { fileName } = archives.upstream;

/** A server that has the archive, and an installation from it. */
async function prepare() {
  const server = await startHub({ files: { [fileName]: { content: archive, lfs: true } } });
  const source = { kind: 'mirror', baseUrl: server.storage } as const;
  const install = prepareInstall(archives);
  type Run = typeof install.run;
  return {
    ...install,
    server,
    source,
    run: (change?: Parameters<Run>[1], world?: Parameters<Run>[2]) => install.run(source, change, world),
    ranges: () => server.requests.map(({ headers }) => headers.range),
  };
}

/** Breaks the first connection, and gives up at the others. */
const broken: Fault[] = [{ cutAfter: 100_000 }, ...Array<Fault>(4).fill({ cutAfter: 0 })];

describe('a mirror', () => {
  it('gives the archive, with progress of the bytes that it tells of', async () => {
    const { server, run, root, progress, expectInstalled } = await prepare();
    await run();
    expectInstalled('2.9.1');
    const record = JSON.parse(readFileSync(path.join(root, 'tensorflow/installation.json'), 'utf8'));
    expect([record.source, record.archiveSha256]).toEqual([`${server.storage}/${fileName}`, sha256(archive)]);
    expect(server.requests.map(({ url }) => url)).toEqual([`/${fileName}`]);
    const messages = progress.map(({ message }) => message);
    expect(messages).toContain(
      `fetching TensorFlow 2.9.1, ${Math.round(archive.length / 1000)} kB of ${Math.round(archive.length / 1000)} kB`,
    );
    expect(progress.at(-1)).toMatchObject({ fraction: 1 });
  });

  it('may lie under a path and have a slash behind it, and redirect', async () => {
    const { server, run, expectInstalled } = await prepare();
    server.fail(fileName, { status: 302, headers: { location: `${server.storage}/${fileName}?signed` } });
    await run({ source: { kind: 'mirror', baseUrl: ` ${server.storage}// ` } });
    expectInstalled('2.9.1');
    expect(server.requests.map(({ url }) => url)).toEqual([`/${fileName}`, `/${fileName}?signed`]);
  });

  it('is asked by the proxy of the environment', async () => {
    const [{ run, expectInstalled }, proxy] = [await prepare(), await startProxy()];
    await run({}, { env: { HTTP_PROXY: proxy.url } });
    expectInstalled('2.9.1');
    expect(proxy.requests).toHaveLength(1);
  });

  it.each(['ftp://mirror', 'mirror', 'https://user:p4ss@mirror', 'https://mirror?x=1'])(
    'is refused where its address is %s',
    async (baseUrl) => {
      const { run, expectUntouched } = await prepare();
      const running = run({ source: { kind: 'mirror', baseUrl } });
      await expect(running).rejects.toMatchObject({
        code: 'BAD_ARGUMENT',
        message: expect.stringMatching(/^The mirror of TensorFlow (?!.*p4ss).*--mirror/),
      });
      expectUntouched();
    },
  );

  it.each([
    [404, `${fileName} is not there at 127\\.0\\.0\\.1:\\d+ \\(404\\): check the address of the mirror`],
    [403, `${fileName} was refused at 127\\.0\\.0\\.1:\\d+ \\(403\\): check the address of the mirror`],
  ])('that answers %s is told of', async (status, sentence) => {
    const { server, run, expectUntouched } = await prepare();
    server.fail(fileName, { status });
    await expect(run()).rejects.toMatchObject({
      code: 'NETWORK_FAILED',
      message: expect.stringMatching(`^${sentence}.*\\.$`),
    });
    expectUntouched();
  });
});

it('upstream that cannot be reached is told of, with the other ways', async () => {
  const { server, source, run, expectUntouched } = await prepare();
  await server.close();
  const upstream = { ...archives.upstream, baseUrl: source.baseUrl };
  await expect(run({ source: { kind: 'upstream' } }, { archives: { ...archives, upstream } })).rejects.toMatchObject({
    code: 'NETWORK_FAILED',
    message: expect.stringMatching(/takes no connections: .*\. TensorFlow can also come from a mirror, .* by pip\.$/),
  });
  expectUntouched();
});

describe('a server that does not tell the size', () => {
  /** Sends the archive in two chunks; the first time it breaks off between them. */
  async function startChunked(): Promise<string> {
    let requests = 0;
    const server = createServer((_, response) => {
      requests++;
      response.write(archive.subarray(0, 100_000), () => {
        if (requests === 1) response.destroy();
        else response.end(archive.subarray(100_000));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  it('gives the archive all the same, from the start where it cannot go on', async () => {
    const { run, progress, notices, expectInstalled } = await prepare();
    await run({ source: { kind: 'mirror', baseUrl: await startChunked() } });
    expectInstalled('2.9.1');
    expect(notices).toEqual([expect.stringMatching(/broke/)]);
    expect(progress).toContainEqual({ message: 'fetching TensorFlow 2.9.1, 100 kB' });
  });
});

describe('a connection that breaks', () => {
  it('is made again, and the archive goes on where it stopped', async () => {
    const { server, run, ranges, notices, expectInstalled } = await prepare();
    server.fail(fileName, { cutAfter: 100_000 }, { status: 503 });
    await run();
    expectInstalled('2.9.1');
    const [first, second, third] = ranges();
    expect([first, second]).toEqual([undefined, third]);
    expect(second).toMatch(/^bytes=\d+-$/);
    expect(notices).toEqual([
      expect.stringMatching(/broke .*; trying again in 1 s$/),
      expect.stringMatching(/failed \(503\); trying again in 2 s$/),
    ]);
  });

  it('is given up in the end, and the next run goes on', async () => {
    const { server, root, run, ranges, expectInstalled } = await prepare();
    server.fail(fileName, ...broken);
    await expect(run()).rejects.toMatchObject({ code: 'NETWORK_FAILED' });
    expect(readdirSync(root)).toEqual(['tensorflow-installing']);
    await run();
    expectInstalled('2.9.1');
    expect(ranges().at(-1)).toMatch(/^bytes=\d{5}\d*-$/);
    expect(server.requests.at(-1)?.headers['if-range']).toMatch(/^"/);
  });

  it('leaves no part that stays where the next run takes a file', async () => {
    const { server, run, write, expectInstalled } = await prepare();
    server.fail(fileName, ...broken);
    await expect(run()).rejects.toMatchObject({ code: 'NETWORK_FAILED' });
    await run({ source: { kind: 'file', path: write(fileName, archive) } });
    expectInstalled('2.9.1');
  });

  it('matters no more where only the end of the run is missing', async () => {
    const { server, run, ranges, expectInstalled } = await prepare();
    const abort = new AbortController();
    const onProgress = ({ message }: { message: string }) => message.startsWith('unpacking') && abort.abort();
    await expect(run({ signal: abort.signal, onProgress })).rejects.toMatchObject({ code: 'CANCELLED' });
    await run();
    expectInstalled('2.9.1');
    expect(ranges()).toEqual([undefined, `bytes=${archive.length}-`]);
    expect(server.sentBytes(fileName)).toBe(archive.length);
  });
});

it('a download that is cancelled keeps its part, and nothing else', async () => {
  const { server, root, run, expectInstalled } = await prepare();
  server.fail(fileName, { holdAfter: 100_000 });
  const abort = new AbortController();
  const onProgress = ({ message }: { message: string }) => /^fetching.*, 100 kB/.test(message) && abort.abort();
  await expect(run({ signal: abort.signal, onProgress })).rejects.toMatchObject({ code: 'CANCELLED' });
  const kept = readdirSync(path.join(root, 'tensorflow-installing')).map((name) => path.extname(name));
  expect(kept.sort()).toEqual(['.etag', '.part']);
  await run();
  expectInstalled('2.9.1');
  expect(server.sentBytes(fileName)).toBe(archive.length);
});

describe('other bytes than the known ones', () => {
  const wrong = { content: weightBytes(archive.length, 9) };

  it('are fetched once more', async () => {
    const { server, run, notices, expectInstalled } = await prepare();
    server.fail(fileName, wrong);
    await run();
    expectInstalled('2.9.1');
    expect(notices).toEqual([`${fileName} is not the file that Caselight knows; fetching it once more`]);
  });

  it('are thrown away when they come twice', async () => {
    const { server, run, expectUntouched } = await prepare();
    server.fail(fileName, wrong, { content: Buffer.from('<html>Sign in to the network</html>') });
    await expect(run()).rejects.toMatchObject({
      code: 'HASH_MISMATCH',
      message: expect.stringMatching(/came twice from 127\.0\.0\.1:\d+ with another checksum .* thrown away/),
    });
    expectUntouched();
  });
});
