import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { biobertFiles, large, startHub, weightBytes } from '../support/hubModel.ts';
import type { FakeFile, HubServer } from '../support/hubServer.ts';
import { cliFolder } from './cliFolder.ts';
import { exitOf, runCli, startCli } from './runCli.ts';

const cli = cliFolder();
const FILE = 'pytorch_model.bin';
const weights = weightBytes(2_000_000);
const pem = (name: string) => path.resolve(import.meta.dirname, `../fixtures/loopback/${name}.pem`);

/** Nothing of the machine that the tests run on. */
const env = (hub: HubServer) => ({
  HF_ENDPOINT: hub.endpoint,
  HF_TOKEN: '',
  HUGGING_FACE_HUB_TOKEN: '',
  NO_PROXY: '127.0.0.1',
  no_proxy: '127.0.0.1',
});

function download(hub: HubServer, output: string, options: readonly string[] = [], more: NodeJS.ProcessEnv = {}) {
  const args = ['download', hub.name, '--output', output, ...options];
  return runCli(args, { cache: cli.cache, env: { ...env(hub), ...more } });
}

/** Starts a download of which the first so many bytes of the weights arrive, and waits until they are on disk. */
async function startHeld(hub: HubServer, output: string, holdAfter: number) {
  hub.fail(FILE, { holdAfter });
  const child = startCli(['download', hub.name, '--output', output], cli.cache, env(hub));
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk;
  });
  const partial = `${output}.partial`;
  await vi.waitFor(
    () => {
      const part = readdirSync(partial).find((name) => name.endsWith('.part')) ?? '';
      if (statSync(path.join(partial, part)).size < holdAfter) throw new Error('not there yet');
    },
    { timeout: 20_000, interval: 5 },
  );
  return { child, errors: () => errors };
}

describe('caselight download', () => {
  it('says what came from where, and what to do next', async () => {
    const hub = await startHub({ files: biobertFiles(weights) });
    const output = cli.path('biobert');
    const { status, stdout, stderr } = await download(hub, output);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout.toString().split('\n')).toEqual([
      `repository  ${hub.endpoint}/${hub.name}`,
      `revision    main, commit ${hub.commit}`,
      `folder      ${output}`,
      'file        config.json, 160 bytes',
      'file        tokenizer_config.json, 23 bytes',
      'file        vocab.txt, 24 bytes',
      'file        README.md, 37 bytes',
      'file        pytorch_model.bin, 2,000,000 bytes',
      'size        2.0 MB',
      'proof       every checksum is as the hub lists it; caselight-download.json has them on record',
      `Next: caselight import ${output} --output DIR2 makes a model folder of it.`,
      '',
    ]);
    expect(readFileSync(`${output}/${FILE}`).equals(weights)).toBe(true);
  });

  it('says the same as JSON', async () => {
    const hub = await startHub({ files: biobertFiles(weights) });
    const { stdout } = await download(hub, cli.path('json'), ['--json', '--revision', hub.commit]);
    expect(JSON.parse(stdout.toString())).toMatchObject({
      directory: cli.path('json'),
      repo: hub.name,
      revision: hub.commit,
      commit: hub.commit,
      isClassifier: false,
      resumedBytes: 0,
    });
  });

  it('brings a classifier that works as it is', async () => {
    const files = Object.fromEntries(
      readdirSync(cli.model).map((name): [string, FakeFile] => [name, large(readFileSync(path.join(cli.model, name)))]),
    );
    const config = {
      ...JSON.parse(String(files['config.json']?.content)),
      architectures: ['BertForSequenceClassification'],
    };
    const hub = await startHub({ files: { ...files, 'config.json': JSON.stringify(config) } });
    const output = cli.path('classifier');
    const { stdout } = await download(hub, output);
    expect(stdout.toString()).toContain(`It is a classifier already: --model ${output} works too.`);
    const [own, downloaded] = await Promise.all(
      [cli.model, output].map((model) => cli.run(['classify', 'fever and pain', '--json', '--model', model])),
    );
    expect(downloaded?.status).toBe(0);
    expect(downloaded?.stdout).toEqual(own?.stdout);
  });

  it('says where a tokenizer is missing', async () => {
    const { 'vocab.txt': _, ...files } = biobertFiles(weights);
    const hub = await startHub({ files });
    expect((await download(hub, cli.path('wordless'))).stdout.toString()).toContain(
      'It has no tokenizer: copy vocab.txt',
    );
  });

  it('notes on standard error what it tries again', async () => {
    const hub = await startHub({ files: biobertFiles(weights) });
    hub.fail(FILE, { cutAfter: 1_000_000 });
    const { status, stderr } = await download(hub, cli.path('again'));
    expect(status).toBe(0);
    expect(stderr).toMatch(/^The connection to 127\.0\.0\.1:\d+ broke \(\w+\); trying again in 1 s\n$/);
  });

  it.each<[string, string[], string]>([
    ['no repository', ['download', '--output', 'x'], 'download takes one REPO'],
    ['two repositories', ['download', 'a/b', 'c/d', '--output', 'x'], 'download takes one REPO'],
    ['no folder', ['download', 'a/b'], 'with --output DIR'],
    ['an option of another command', ['download', 'a/b', '--output', 'x', '--format', 'csv'], '--format'],
  ])('refuses %s as wrong usage', async (_, args, message) => {
    const { status, stderr } = await cli.run(args);
    expect([status, stderr]).toEqual([2, expect.stringContaining(message)]);
  });

  it('refuses with a code, a sentence and no token', async () => {
    const hub = await startHub({ files: biobertFiles(weights) });
    const { status, stdout, stderr } = await download(hub, cli.path('nothing'), ['--revision', 'v2'], {
      HF_TOKEN: 'hf_secret',
    });
    expect([status, stdout.toString()]).toEqual([1, '']);
    expect(stderr).toMatch(/^error\[HUB_NOT_FOUND\]: .* has no revision v2: .*\.\n$/);
    expect(stderr).not.toContain('hf_secret');
    expect(existsSync(cli.path('nothing'))).toBe(false);
  });
});

describe('caselight download by https', () => {
  const tls = { key: readFileSync(pem('key'), 'utf8'), cert: readFileSync(pem('certificate'), 'utf8') };
  const { [FILE]: _, ...small } = biobertFiles(weights);

  it('trusts the root certificate of a company where NODE_EXTRA_CA_CERTS names it', async () => {
    const hub = await startHub({ files: { ...small, 'model.safetensors': 'not kept as large files are' }, tls });
    const untrusted = await download(hub, cli.path('untrusted'));
    expect(untrusted.stderr).toMatch(/^error\[NETWORK_FAILED\]: .*NODE_EXTRA_CA_CERTS\.\n$/);
    const trusted = await download(hub, cli.path('trusted'), [], { NODE_EXTRA_CA_CERTS: pem('certificate') });
    expect([trusted.status, trusted.stderr]).toEqual([0, '']);
  });

  it('does not follow a redirect to plain http', async () => {
    const hub = await startHub({ files: biobertFiles(weights), tls });
    const { stderr } = await download(hub, cli.path('downgraded'), [], { NODE_EXTRA_CA_CERTS: pem('certificate') });
    expect(stderr).toMatch(/^error\[HUB_FAILED\]: .*redirects to an address without encryption/);
    expect(hub.requests.filter(({ host }) => host === 'storage')).toEqual([]);
  });
});

describe('a download that is stopped', () => {
  it('by kill -9 goes on with the next run, which fetches only the rest', async () => {
    const hub = await startHub({ files: biobertFiles(weights) });
    const output = cli.path('killed');
    const { child } = await startHeld(hub, output, 1_500_000);
    child.kill('SIGKILL');
    await exitOf(child);
    expect(existsSync(output)).toBe(false);
    const before = hub.requests.length;
    const { status, stdout } = await download(hub, output, ['--json']);
    expect(status).toBe(0);
    const { resumedBytes, totalBytes } = JSON.parse(stdout.toString());
    const bytesOfSecondRun = hub.requests.slice(before).reduce((sum, { bodyBytes }) => sum + bodyBytes, 0);
    expect([totalBytes - resumedBytes, bytesOfSecondRun, hub.sentBytes(FILE)]).toEqual([500_000, 500_000, 2_000_000]);
    expect(readFileSync(`${output}/${FILE}`).equals(weights)).toBe(true);
    expect(existsSync(`${output}.partial`)).toBe(false);
  });

  // Windows has no signals that a process could catch.
  it.skipIf(process.platform === 'win32').each(['SIGINT', 'SIGTERM'] as const)(
    'by %s says so, leaves no folder, and goes on with the next run',
    async (signal) => {
      const hub = await startHub({ files: biobertFiles(weights) });
      const output = cli.path(`by-${signal}`);
      const { child, errors } = await startHeld(hub, output, 1_000_000);
      child.kill(signal);
      expect(await exitOf(child)).toBe(1);
      expect(errors()).toMatch(/What was received is kept: .*\nerror\[CANCELLED\]: /);
      expect([existsSync(output), existsSync(`${output}.partial/lock`)]).toEqual([false, false]);
      expect((await download(hub, output)).stdout.toString()).toContain('of it from an earlier run');
      expect(hub.sentBytes(FILE)).toBe(2_000_000);
    },
  );
});
