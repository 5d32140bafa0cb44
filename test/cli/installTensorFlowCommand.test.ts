import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { startHub } from '../support/hubModel.ts';
import { sha256, wheel } from '../support/tensorflowArchives.ts';
import { cliFolder } from './cliFolder.ts';
import { exitOf, runCli, startCli } from './runCli.ts';

const cli = cliFolder();
const file = cli.write('tensorflow_cpu-2.21.0.whl', wheel());
const named = ['--file', file, '--sha256', sha256(wheel())];

/** Runs `install-tensorflow` with a cache of its own under a name. */
function install(name: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  return runCli(['install-tensorflow', ...args], { cache: cli.path(name), env });
}

/** A PATH whose first python3 is a shell script. */
function pathWithPython(name: string, script: string): string {
  mkdirSync(cli.path(name));
  chmodSync(cli.write(`${name}/python3`, `#!/bin/sh\n${script}\n`), 0o755);
  return `${cli.path(name)}:${process.env.PATH}`;
}

// The binding is made for Linux on x64.
describe.skipIf(process.platform !== 'linux' || process.arch !== 'x64')('caselight install-tensorflow', () => {
  it('installs a file, and says so; once more only when it is forced', async () => {
    const folder = path.join(cli.path('file'), 'tensorflow');
    const first = await install('file', named);
    expect([first.status, first.stderr.replace(/^install-tensorflow: .*\n/gm, '')]).toEqual([0, '']);
    expect(first.stdout.toString()).toBe(`TensorFlow 2.21.0 is installed in ${folder}, 250 kB.\n`);
    expect(readdirSync(folder)).toEqual(['installation.json', 'libtensorflow.so.2', 'libtensorflow_framework.so.2']);
    const again = await install('file', named);
    expect(again.stdout.toString()).toBe(
      `TensorFlow 2.21.0 is installed already in ${folder}; --force installs it again.\n`,
    );
    const forced = await install('file', [...named, '--force', '--json']);
    expect(JSON.parse(forced.stdout.toString())).toMatchObject({
      isNew: true,
      installation: { version: '2.21.0', folder },
    });
  });

  it('does not take a file that it does not know', async () => {
    const { status, stderr } = await install('unknown', ['--file', file]);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^error\[UNKNOWN_ARCHIVE\]: tensorflow_cpu-2\.21\.0\.whl is no archive that Caselight knows/m,
    );
    expect(readdirSync(cli.path('unknown'))).toEqual([]);
  });

  it('tells of a mirror that has another file', async () => {
    const name = 'libtensorflow-cpu-linux-x86_64-2.9.1.tar.gz';
    const mirror = await startHub({ files: { [name]: { content: wheel(), lfs: true } } });
    const { status, stderr } = await install('mirror', ['--mirror', mirror.storage], {
      NO_PROXY: '127.0.0.1',
      no_proxy: '127.0.0.1',
    });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error\[HASH_MISMATCH\]: .* came twice from 127\.0\.0\.1/m);
    expect(mirror.requests.map(({ url }) => url)).toEqual([`/${name}`, `/${name}`]);
  });

  it('tells why pip fails', async () => {
    const { status, stderr } = await install('pip', ['--pip'], {
      PATH: pathWithPython('failing', 'echo "ERROR: no" >&2; exit 1'),
    });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error\[PIP_FAILED\]: .* says: no\. Run python3/m);
  });

  it.each(['SIGKILL', 'SIGTERM'] as const)('leaves the old installation when it is ended by %s', async (signal) => {
    const cache = cli.path(`by-${signal}`);
    await install(`by-${signal}`, named);
    const before = readFileSync(path.join(cache, 'tensorflow/installation.json'), 'utf8');
    const started = cli.path(`pid-${signal}`);
    const env = {
      PATH: pathWithPython(
        `hanging-${signal}`,
        `echo $$ > '${started}.new'; mv '${started}.new' '${started}'; exec sleep 60`,
      ),
    };
    const child = startCli(['install-tensorflow', '--pip', '--force'], cache, env);
    await vi.waitFor(() => expect(existsSync(started)).toBe(true), { timeout: 20_000 });
    child.kill(signal);
    expect(await exitOf(child)).toBe(signal === 'SIGKILL' ? null : 1);
    if (signal === 'SIGKILL') process.kill(Number(readFileSync(started, 'utf8')));
    expect(readFileSync(path.join(cache, 'tensorflow/installation.json'), 'utf8')).toBe(before);
    expect(existsSync(path.join(cache, 'tensorflow-installing'))).toBe(signal === 'SIGKILL');
    const next = await install(`by-${signal}`, [...named, '--force']);
    expect([next.status, readdirSync(cache)]).toEqual([0, ['tensorflow']]);
  });
});

it.each([
  [['--pip', '--mirror', 'http://mirror'], 'takes one of --file FILE, --mirror URL and --pip.'],
  [['--sha256', 'x'], '--sha256 says what --file FILE has to be.'],
  [['tensorflow.whl'], 'install-tensorflow takes options only.'],
  [['--output', 'x'], "Unknown option '--output'."],
])('caselight install-tensorflow %s is wrong usage', async (args, sentence) => {
  const { status, stderr } = await install('usage', args);
  expect([status, stderr.split('\n')[0]]).toEqual([2, expect.stringContaining(sentence)]);
});
