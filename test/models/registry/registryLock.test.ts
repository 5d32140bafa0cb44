import { mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { newProcessToken } from '../../../src/models/registry/processToken.ts';
import { LockLostError, RegistryLock } from '../../../src/models/registry/registryLock.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

const quick = { staleAfterMs: 200, waitAtMostMs: 700 };
const patient = { staleAfterMs: 20_000, waitAtMostMs: 25_000 };

/** A folder whose lock is held under this name. */
function lockedBy(holder: string): string {
  const folder = temporaryFolder();
  mkdirSync(path.join(folder, '.lock'));
  writeFileSync(path.join(folder, '.lock', holder), '');
  return folder;
}

/** The token of a process of this machine that has certainly ended: no process has so high an id. */
const deadToken = () => newProcessToken().replace(/-\d+-/, '-1999999999-');
const foreignToken = () => newProcessToken().replace(/^........-\d+/, 'ffffffff-1');

describe('the lock of a registry', () => {
  it('is held by one at a time', async () => {
    const folder = temporaryFolder();
    let holders = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 12 }, async () => {
        const lock = await RegistryLock.acquire(folder, patient);
        most = Math.max(most, ++holders);
        await new Promise((resolve) => setImmediate(resolve));
        lock.assertHeld();
        holders--;
        await lock.release();
      }),
    );
    expect(most).toBe(1);
    expect(readdirSync(folder)).toEqual(['.lock']);
    expect(readdirSync(path.join(folder, '.lock'))).toEqual(['free']);
  });

  it('is taken over at once from a process that has ended', async () => {
    const folder = lockedBy(deadToken());
    const startedMs = performance.now();
    const lock = await RegistryLock.acquire(folder, patient);
    expect(performance.now() - startedMs).toBeLessThan(2_000);
    lock.assertHeld();
  });

  it('is taken over by one of many', async () => {
    const folder = lockedBy(deadToken());
    const locks = Array.from({ length: 8 }, () => RegistryLock.acquire(folder, { ...patient, waitAtMostMs: 200 }));
    const results = await Promise.allSettled(locks);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('is taken over from one that stands still, who then learns of it', async () => {
    const folder = temporaryFolder();
    const standing = await RegistryLock.acquire(folder, quick);
    const lock = await RegistryLock.acquire(folder, quick);
    expect(() => standing.assertHeld()).toThrow(LockLostError);
    await standing.release();
    lock.assertHeld();
    await lock.release();
    expect(readdirSync(path.join(folder, '.lock'))).toEqual(['free']);
  });

  it('is taken over from a process of another machine, of which nothing is heard', async () => {
    const lock = await RegistryLock.acquire(lockedBy(foreignToken()), quick);
    lock.assertHeld();
  });

  it('is not taken over from holders that change', async () => {
    const folder = lockedBy(foreignToken());
    const inLock = (name: string) => path.join(folder, '.lock', name);
    const changing = setInterval(() => {
      const [holder = ''] = readdirSync(path.join(folder, '.lock'));
      renameSync(inLock(holder), inLock(foreignToken()));
    }, 20);
    try {
      await expect(RegistryLock.acquire(folder, quick)).rejects.toMatchObject({ code: 'REGISTRY_BUSY' });
    } finally {
      clearInterval(changing);
    }
  });

  it('says what to do when the wait is over, also where something else is in its folder', async () => {
    await expect(RegistryLock.acquire(lockedBy('.DS_Store'), quick)).rejects.toMatchObject({
      code: 'REGISTRY_BUSY',
      message: expect.stringMatching(/try again.*delete the folder \.lock/),
    });
  });

  it('stops waiting when it is cancelled', async () => {
    const controller = new AbortController();
    const waiting = RegistryLock.acquire(lockedBy(newProcessToken()), patient, controller.signal);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
