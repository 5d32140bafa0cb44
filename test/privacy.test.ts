import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { prepareDownload } from './download/startDownload.ts';
import { biobertFiles, startHub, weightBytes } from './support/hubModel.ts';

interface Metafile {
  readonly inputs: Readonly<Record<string, { readonly imports: readonly { path: string; kind: string }[] }>>;
}

it('a prediction writes nothing but its own cache: no telemetry of ONNX Runtime either', () => {
  const home = mkdtempSync(join(tmpdir(), 'caselight-home-'));
  try {
    // CI switches the telemetry off by itself, which would hide it.
    const { CI, ...rest } = process.env;
    const env = { ...rest, HOME: home, USERPROFILE: home, XDG_CACHE_HOME: join(home, '.cache'), TMPDIR: home };
    delete (env as NodeJS.ProcessEnv).CASELIGHT_CACHE;
    execFileSync(process.execPath, ['dist/cli.js', 'classify', 'Died of sepsis'], { env, stdio: 'pipe' });
    const files = readdirSync(home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const outside = files
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((name) => !/caselight.(cache.)?derived/.test(name));
    expect(files.length).toBeGreaterThan(0);
    expect(outside).toEqual([]);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});

describe('the network', () => {
  const NETWORK = /^(?:node:)?(?:https?|http2|net|tls|dgram|dns(?:\/promises)?)$|^undici$|^@huggingface\/hub$/;

  it('is touched by the code of downloads only', () => {
    const users = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(
      (name) =>
        name.endsWith('.ts') &&
        [...readFileSync(join('src', name), 'utf8').matchAll(/(?:from|import|require)\s*\(?\s*'([^']+)'/g)].some(
          ([, target]) => NETWORK.test(target ?? ''),
        ),
    );
    expect(users.map((name) => name.split(/[\\/]/)[0])).toEqual(users.map(() => 'download'));
    expect(users.length).toBeGreaterThan(0);
  });

  it('is in no bundle that does not download, and in the command line only once a download is asked for', () => {
    const inputs = (name: string) => {
      const { inputs } = JSON.parse(readFileSync(`dist/meta/${name}.json`, 'utf8')) as Metafile;
      return inputs;
    };
    const clients = (name: string) =>
      Object.keys(inputs(name)).filter((file) => /node_modules\/(?:undici|node-fetch|@huggingface\/hub)\//.test(file));
    expect(clients('cli')).not.toEqual([]);
    for (const name of ['extension', 'inferenceWorker', 'h5wasm', 'tensorflow'])
      expect([name, clients(name)]).toEqual([name, []]);
    const kinds = Object.values(inputs('cli')).flatMap(({ imports }) =>
      imports
        .filter(({ path }) => /^src\/cli\/(?:download|installTensorFlow)Command\.ts$/.test(path))
        .map(({ kind }) => kind),
    );
    expect(kinds).toEqual(['dynamic-import', 'dynamic-import']);
  });
});

it("a download asks the hub for the model and nothing else: no telemetry of the hub's client", async () => {
  const hub = await startHub({ files: biobertFiles(weightBytes(1000)) });
  await prepareDownload(hub).run();
  const asked = hub.requests.filter(({ host }) => host === 'hub').map(({ url }) => url.split('?')[0] ?? '');
  const expected =
    /^\/(?:api\/models\/)?dmis-lab\/biobert-base-cased-v1\.1\/(?:revision|tree|resolve)\/|^\/api\/resolve-cache\//;
  expect(asked.filter((url) => !expected.test(url))).toEqual([]);
  for (const { headers } of hub.requests) {
    expect(headers['user-agent']).toBe('caselight');
    expect(Object.keys(headers).filter((name) => /^x-|cookie|referer/.test(name))).toEqual([]);
  }
});
