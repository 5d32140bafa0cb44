import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../support/temporaryFolder.ts';
import { knownArchives, wheel } from '../../../support/tensorflowArchives.ts';
import { prepareInstall } from './startInstall.ts';

const archives = knownArchives(Buffer.alloc(0));

/** A world in which `python3` is a shell script; `$d` in it is the folder that pip is to fetch into. */
function withPython(script: string) {
  const folder = temporaryFolder();
  const [python, wheelFile, log] = ['bin/python3', 'wheel', 'log'].map((name) => path.join(folder, name)) as [
    string,
    string,
    string,
  ];
  mkdirSync(path.dirname(python));
  writeFileSync(wheelFile, wheel());
  const head = `#!/bin/sh\necho "$@" > '${log}'\nwhile [ "$1" != -d ]; do shift; done\nd=$2\n`;
  writeFileSync(python, head + script.replaceAll('WHEEL', `'${wheelFile}'`));
  chmodSync(python, 0o755);
  const install = prepareInstall(archives);
  const env = { PATH: `${path.dirname(python)}:/usr/bin:/bin` };
  return {
    ...install,
    args: () => readFileSync(log, 'utf8').trim(),
    run: (signal = new AbortController().signal, onProgress: (progress: { message: string }) => void = () => {}) =>
      install.run({ kind: 'pip' }, { signal, onProgress }, { env }),
  };
}

describe.skipIf(process.platform === 'win32')('pip', () => {
  it('fetches the wheel that is known, whatever Python it belongs to', async () => {
    const { root, run, args, expectInstalled } = withPython(`cp WHEEL "$d/${archives.wheel.fileName}"`);
    await run();
    expectInstalled('2.21.0');
    expect(args()).toBe(
      '-m pip download --no-deps --only-binary=:all: --no-input --disable-pip-version-check --progress-bar off ' +
        '--python-version 3.11 --implementation cp --platform manylinux_2_27_x86_64 ' +
        `-d ${root}/tensorflow-installing/pip tensorflow-cpu==2.21.0`,
    );
    const { source } = JSON.parse(readFileSync(path.join(root, 'tensorflow/installation.json'), 'utf8'));
    expect(source).toBe(`pip: ${archives.wheel.fileName}`);
  });

  it.each([
    [
      'fails',
      'echo Looking; echo "ERROR: No matching distribution found for it." >&2; echo bye; exit 1',
      'says: No matching distribution found for it\\.',
    ],
    [
      'is not there',
      'echo "/usr/bin/python3: No module named pip" >&2; exit 1',
      'says: /usr/bin/python3: No module named pip\\.',
    ],
    ['says nothing', 'exit 3', 'says: nothing\\.'],
    ['brings nothing', 'exit 0', 'fetched no wheel'],
  ])('that %s is told of in its own words', async (_, script, sentence) => {
    const { run, writeOld, expectUntouched } = withPython(script);
    await expect(run()).rejects.toMatchObject({
      code: 'PIP_FAILED',
      message: expect.stringMatching(`${sentence}.*take TensorFlow from a file or a mirror\\.$`),
    });
    expectUntouched();
    writeOld();
    expectUntouched();
  });

  it('that brings another wheel is refused', async () => {
    const { run, expectUntouched } = withPython('echo other > "$d/tensorflow_cpu.whl"');
    await expect(run()).rejects.toMatchObject({
      code: 'HASH_MISMATCH',
      message: expect.stringMatching(/^pip fetched a wheel .* another checksum/),
    });
    expectUntouched();
  });

  it('is stopped by a cancel', async () => {
    const { run, expectUntouched } = withPython('exec sleep 30');
    const abort = new AbortController();
    const running = run(abort.signal, ({ message }) => {
      expect(message).toBe('pip is fetching tensorflow-cpu 2.21.0');
      setTimeout(() => abort.abort(), 100);
    });
    await expect(running).rejects.toMatchObject({ code: 'CANCELLED' });
    expectUntouched();
  });

  it('needs a Python', async () => {
    const { run, expectUntouched } = prepareInstall(archives);
    await expect(run({ kind: 'pip' }, {}, { env: { PATH: temporaryFolder() } })).rejects.toMatchObject({
      code: 'PIP_FAILED',
      message: expect.stringMatching(/^python3 could not be started: install Python 3 with pip, or take/),
    });
    expectUntouched();
  });
});
