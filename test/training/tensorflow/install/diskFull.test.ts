import type { FileHandle } from 'node:fs/promises';
import { afterEach, expect, it, vi } from 'vitest';
import { sha256, upstreamArchive, wheel } from '../../../support/tensorflowArchives.ts';
import { prepareInstall } from './startInstall.ts';

/** What is left on the disk; undefined for what there really is. */
const disk = vi.hoisted((): { freeBytes?: number; isFull?: boolean } => ({}));

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  const full = () => Promise.reject(Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', syscall: 'write' }));
  return {
    ...real,
    statfs: async (path: string) =>
      disk.freeBytes === undefined ? real.statfs(path) : { blocks: 1, bavail: disk.freeBytes, bsize: 1 },
    open: async (path: string, ...more: [string]): Promise<FileHandle> => {
      const handle = await real.open(path, ...more);
      return disk.isFull && path.endsWith('.so.2') ? Object.assign(handle, { writeFile: full }) : handle;
    },
  };
});

afterEach(() => {
  delete disk.freeBytes;
  delete disk.isFull;
});

it.each([
  ['an archive', upstreamArchive],
  ['a wheel', async () => wheel()],
])('a disk that runs full while %s is unpacked is told of, and the old installation stays', async (_, make) => {
  const bytes = await make();
  const { run, write, writeOld, expectUntouched } = prepareInstall();
  writeOld();
  disk.isFull = true;
  const running = run({ kind: 'file', path: write('archive', bytes), sha256: sha256(bytes) }, { force: true });
  await expect(running).rejects.toMatchObject({
    code: 'IO_ERROR',
    message:
      'The folder tensorflow could not be written; the disk is full: free some space, then install TensorFlow again.',
  });
  expectUntouched();
});

it('a disk without room for the libraries is told of before anything is written', async () => {
  const { run, write, expectUntouched } = prepareInstall();
  disk.freeBytes = 249_999;
  const running = run({ kind: 'file', path: write('archive', wheel()), sha256: sha256(wheel()) });
  await expect(running).rejects.toMatchObject({
    code: 'IO_ERROR',
    message: expect.stringMatching(/^The installation needs 250 kB, and the disk has 250 kB free: make room/),
  });
  expectUntouched();
});

it('a disk without room for a wheel and the libraries is told of before pip is asked', async () => {
  const { run, expectUntouched } = prepareInstall();
  disk.freeBytes = 1_199_999_999;
  await expect(run({ kind: 'pip' })).rejects.toMatchObject({
    code: 'IO_ERROR',
    message: expect.stringContaining('The installation needs 1200 MB'),
  });
  expectUntouched();
});
