import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { findTensorFlow } from '../../../../src/training/tensorflow/install/installation.ts';
import type { InstallProgress } from '../../../../src/training/tensorflow/install/installProgress.ts';
import type { InstallRequest } from '../../../../src/training/tensorflow/install/installTensorFlow.ts';
import {
  FRAMEWORK,
  INSTALLED,
  knownArchives,
  LIBRARY,
  sha256,
  tarGz,
  upstreamArchive,
  wheel,
  zip,
} from '../../../support/tensorflowArchives.ts';
import { prepareInstall } from './startInstall.ts';

const NAME = 'libtensorflow-cpu-linux-x86_64-2.9.1.tar.gz';
const links = [
  { path: './lib/libtensorflow.so.2', type: 'SymbolicLink', linkpath: 'libtensorflow.so.2.9.1' },
  { path: './lib/libtensorflow_framework.so.2', type: 'SymbolicLink', linkpath: 'libtensorflow_framework.so.2.9.1' },
] as const;
const files = [
  { path: './lib/libtensorflow.so.2.9.1', content: LIBRARY },
  { path: './lib/libtensorflow_framework.so.2.9.1', content: FRAMEWORK },
] as const;
const [libraryLink, frameworkLink] = links;
const [libraryFile] = files;

/** An installation from a file whose hash is named. */
function prepareFile(name: string, bytes: Buffer) {
  const install = prepareInstall();
  const file = install.write(name, bytes);
  const source = { kind: 'file', path: file, sha256: sha256(bytes) } as const;
  return { ...install, run: (change: Partial<InstallRequest> = {}) => install.run(source, change) };
}

describe('a file that Caselight knows', () => {
  it('is installed where it is the upstream archive, and the record says what it is', async () => {
    const archive = await upstreamArchive();
    const { root, write, run, progress, expectInstalled } = prepareInstall(knownArchives(archive));
    const summary = await run({ kind: 'file', path: write('any name.bin', archive) });
    expectInstalled('2.9.1');
    const record = {
      formatVersion: 1,
      version: '2.9.1',
      source: 'any name.bin',
      archiveSha256: sha256(archive),
      files: Object.entries(INSTALLED).map(([name, bytes]) => ({
        name,
        sizeBytes: bytes.length,
        sha256: sha256(bytes),
      })),
      installedAt: '2026-01-02T00:00:00.000Z',
    };
    const folder = path.join(root, 'tensorflow');
    expect(summary).toEqual({ installation: { ...record, folder }, isNew: true });
    expect(JSON.parse(readFileSync(path.join(folder, 'installation.json'), 'utf8'))).toEqual(record);
    const fractions = progress.map(({ fraction }) => fraction ?? Number.NaN);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(progress.at(-1)).toEqual({ message: 'unpacking, 250 kB of 250 kB', fraction: 1 });
  });

  it('is installed where it is a wheel', async () => {
    const { write, run, expectInstalled } = prepareInstall(knownArchives(Buffer.alloc(0), wheel()));
    await run({ kind: 'file', path: write('tensorflow.whl', wheel()) });
    expectInstalled('2.21.0');
  });

  it('is not installed twice, unless that is asked for', async () => {
    const { write, run, expectInstalled } = prepareInstall(knownArchives(Buffer.alloc(0), wheel()));
    const source = { kind: 'file', path: write('tensorflow.whl', wheel()) } as const;
    await run(source);
    rmSync(source.path);
    await expect(run(source)).resolves.toMatchObject({ isNew: false, installation: { version: '2.21.0' } });
    await expect(run(source, { force: true })).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    expectInstalled('2.21.0');
  });

  it('takes the place of an installation that is damaged, and of an older one', async () => {
    const { root, write, writeOld, run, expectInstalled } = prepareInstall(knownArchives(Buffer.alloc(0), wheel()));
    const source = { kind: 'file', path: write('tensorflow.whl', wheel()) } as const;
    writeOld();
    writeFileSync(path.join(root, 'tensorflow/libtensorflow.so.2'), '');
    await expect(run(source)).resolves.toMatchObject({ isNew: true });
    expectInstalled('2.21.0');
    rmSync(path.join(root, 'tensorflow'), { recursive: true });
    writeOld();
    await run(source, { force: true });
    expectInstalled('2.21.0');
  });
});

describe('a file that Caselight does not know', () => {
  it('is refused, with its hash and how to go on', async () => {
    const { write, run, expectUntouched } = prepareInstall();
    const running = run({ kind: 'file', path: write('tensorflow.whl', wheel()) });
    await expect(running).rejects.toMatchObject({
      code: 'UNKNOWN_ARCHIVE',
      message: expect.stringMatching(`^tensorflow.whl is no archive .* SHA-256 is ${sha256(wheel())}\\. .*--sha256`),
    });
    expectUntouched();
  });

  it('is refused where its hash is not the one that is named, or that is none', async () => {
    const { write, run } = prepareInstall();
    const file = write('tensorflow.whl', wheel());
    const named = (hash: string) => run({ kind: 'file', path: file, sha256: hash });
    await expect(named('0'.repeat(64))).rejects.toMatchObject({ code: 'HASH_MISMATCH' });
    await expect(named('0'.repeat(63))).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
  });

  it.each<[string, string, () => Buffer | Promise<Buffer>, string]>([
    ['the METADATA of a wheel', 'any.whl', wheel, '2.21.0'],
    ['the name of the library', 'any.tar.gz', () => upstreamArchive('2.18.1'), '2.18.1'],
    [
      'its own name',
      'libtensorflow-cpu-linux-x86_64-2.12.0.tar.gz',
      () =>
        tarGz([
          { path: 'lib/libtensorflow.so.2', content: LIBRARY },
          { path: 'lib/libtensorflow_framework.so.2', content: FRAMEWORK },
        ]),
      '2.12.0',
    ],
  ])('is installed where its hash is named; its version comes from %s', async (_, name, make, version) => {
    const { run, expectInstalled } = prepareFile(name, await make());
    await run();
    expectInstalled(version);
  });

  it('is refused where nothing says its version', async () => {
    const { run, expectUntouched } = prepareFile(
      'any.whl',
      wheel({ 'tensorflow_cpu-2.21.0.dist-info/METADATA': undefined }),
    );
    await expect(run()).rejects.toMatchObject({
      code: 'BAD_ARCHIVE',
      message: expect.stringContaining('which version'),
    });
    expectUntouched();
  });

  it('is refused where it is not there, or a folder', async () => {
    const { root, run } = prepareInstall();
    for (const each of [path.join(root, 'none.whl'), path.dirname(root)]) {
      await expect(run({ kind: 'file', path: each })).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    }
  });
});

describe('an archive', () => {
  it.each([
    ['stand before the files', [...links, ...files]],
    ['stand behind the files', [...files, ...links]],
    [
      'are hard ones',
      [...files, ...links.map((link) => ({ ...link, type: 'Link' as const, linkpath: `lib/${link.linkpath}` }))],
    ],
    [
      'go through others',
      [
        ...files,
        frameworkLink,
        { ...libraryLink, linkpath: '../lib/./libtensorflow.so' },
        { path: 'lib/libtensorflow.so', type: 'SymbolicLink' as const, linkpath: 'libtensorflow.so.2.9.1' },
      ],
    ],
  ])('is unpacked where the links in it %s', async (_, entries) => {
    const { run, expectInstalled } = prepareFile(NAME, tarGz(entries));
    await run();
    expectInstalled('2.9.1');
  });

  it('writes its two libraries only, whatever else it names', async () => {
    const evil = Buffer.from('evil');
    const { root, run, expectInstalled } = prepareFile(
      NAME,
      tarGz([
        { path: '../../libtensorflow.so.2', content: evil },
        { path: '../lib/libtensorflow.so.2', content: evil },
        { path: '/lib/libtensorflow.so.2', content: evil },
        { path: 'lib/../../escaped', content: evil },
        { path: 'other/lib/libtensorflow.so.2', content: evil },
        ...files,
        ...links,
        { path: '../../../escaped', type: 'SymbolicLink', linkpath: '/etc/passwd' },
      ]),
    );
    await run();
    expectInstalled('2.9.1');
    expect(existsSync(path.join(root, '../escaped'))).toBe(false);
  });

  it('takes the last of two entries of a name, as tar does', async () => {
    const { run, expectInstalled } = prepareFile(
      NAME,
      tarGz([{ ...libraryFile, content: Buffer.from('first') }, ...files, ...links]),
    );
    await run();
    expectInstalled('2.9.1');
  });

  it.each<[string, Buffer, string]>([
    [
      'has only one of the libraries',
      tarGz([libraryFile, libraryLink, frameworkLink]),
      'has no lib/libtensorflow_framework.so.2',
    ],
    [
      'links to what is outside of it',
      tarGz([...files, frameworkLink, { ...libraryLink, linkpath: '/usr/lib/libtensorflow.so.2' }]),
      'has no lib/libtensorflow.so.2',
    ],
    [
      'links in a circle',
      tarGz([...files, frameworkLink, { ...libraryLink, linkpath: 'libtensorflow.so.2' }]),
      'has no lib/libtensorflow.so.2',
    ],
    [
      'is a wheel without the library',
      wheel({ 'tensorflow/libtensorflow_cc.so.2': undefined }),
      'has no tensorflow/libtensorflow_cc.so.2',
    ],
    ['is a wheel that names a path outside', zip({ '../../evil': LIBRARY }), 'damaged'],
    ['is a cut .tar.gz', tarGz([...files, ...links]).subarray(0, 200_000), 'damaged or not whole'],
    [
      'is a .tar.gz of a cut .tar',
      gzipSync(gunzipSync(tarGz([...links, ...files])).subarray(0, 100_000)),
      'damaged or not whole',
    ],
    ['is a cut wheel', wheel().subarray(0, 200_000), 'damaged or not whole'],
    ['has a broken byte', Buffer.from(tarGz([...files, ...links])).fill(0, 100_000, 100_100), 'damaged or not whole'],
    ['is neither', Buffer.from('<html>Sign in to the network</html>'), 'neither a .tar.gz nor a .whl'],
    ['is empty', Buffer.alloc(0), 'neither a .tar.gz nor a .whl'],
  ])('that %s is refused, and the old installation stays', async (_, bytes, finding) => {
    const { run, writeOld, expectUntouched } = prepareFile('archive', bytes);
    await expect(run()).rejects.toMatchObject({ code: 'BAD_ARCHIVE', message: expect.stringContaining(finding) });
    expectUntouched();
    writeOld();
    await expect(run({ force: true })).rejects.toMatchObject({ code: 'BAD_ARCHIVE' });
    expectUntouched();
  });
});

describe('an installation that does not come to its end', () => {
  it.each(['checking', 'unpacking'])(
    'because it is cancelled while %s leaves nothing but the old one',
    async (step) => {
      for (const bytes of [wheel(), tarGz([...links, ...files])]) {
        const { run, writeOld, expectUntouched } = prepareFile(NAME, bytes);
        const abort = new AbortController();
        const onProgress = ({ message }: InstallProgress) => message.startsWith(step) && abort.abort();
        await expect(run({ signal: abort.signal, onProgress })).rejects.toMatchObject({ code: 'CANCELLED' });
        expectUntouched();
        writeOld();
        const again = new AbortController();
        const stop = ({ message }: InstallProgress) => message.startsWith(step) && again.abort();
        await expect(run({ signal: again.signal, onProgress: stop, force: true })).rejects.toMatchObject({
          code: 'CANCELLED',
        });
        expectUntouched();
      }
    },
  );

  it('is not begun where it was cancelled before', async () => {
    const { run, root } = prepareFile(NAME, wheel());
    await expect(run({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(existsSync(root)).toBe(false);
  });

  /** What a process leaves that is killed while it unpacks. */
  function leaveKilled(root: string) {
    const folder = path.join(root, 'tensorflow-installing');
    mkdirSync(path.join(folder, 'unpacked'), { recursive: true });
    writeFileSync(path.join(folder, 'unpacked/libtensorflow.so.2'), LIBRARY.subarray(0, 1000));
    writeFileSync(path.join(folder, 'lock'), String(gonePid()));
    return folder;
  }

  it('because its process is killed leaves the old one, and the next clears up', async () => {
    const { run, root, writeOld, expectInstalled } = prepareFile(NAME, wheel());
    writeOld();
    leaveKilled(root);
    await expect(findTensorFlow(root)).resolves.toMatchObject({ version: '2.0.0' });
    await run({ force: true });
    expectInstalled('2.21.0');
  });

  it('because its process is killed between the two renames gives the old one back', async () => {
    const { run, root, writeOld, expectUntouched } = prepareFile(NAME, Buffer.from('no archive'));
    writeOld();
    renameSync(path.join(root, 'tensorflow'), path.join(leaveKilled(root), 'replaced'));
    await expect(findTensorFlow(root)).resolves.toBe(undefined);
    await expect(run()).rejects.toMatchObject({ code: 'BAD_ARCHIVE' });
    expectUntouched();
    expect(existsSync(path.join(root, 'tensorflow'))).toBe(true);
  });

  it('keeps a second one out', async () => {
    const { run, root } = prepareFile(NAME, wheel());
    writeFileSync(path.join(leaveKilled(root), 'lock'), String(process.pid));
    await expect(run()).rejects.toMatchObject({ code: 'IO_ERROR', message: expect.stringMatching(/under way.*lock/) });
  });

  it('because the folder cannot be written is told of', async () => {
    const { run, root } = prepareFile(NAME, wheel());
    writeFileSync(root, 'a file');
    await expect(run()).rejects.toMatchObject({
      code: 'IO_ERROR',
      message: expect.stringMatching(
        /^The folder tensorflow could not be written; .*, then install TensorFlow again\.$/,
      ),
    });
  });
});

it.each([
  ['win32', 'x64'],
  ['linux', 'arm64'],
  ['darwin', 'arm64'],
])('TensorFlow on %s %s is refused, and the other engine named', async (platform, arch) => {
  const { root, run } = prepareInstall();
  await expect(run({ kind: 'upstream' }, {}, { platform, arch })).rejects.toMatchObject({
    code: 'ENGINE_NOT_INSTALLED',
    message: expect.stringMatching(/Linux on x64 only.*onnxruntime, which needs nothing/),
  });
  expect(existsSync(root)).toBe(false);
});

/** The number of a process that has ended. */
function gonePid(): number {
  return Number(execFileSync(process.execPath, ['-p', 'process.pid']));
}
