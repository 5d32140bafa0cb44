import { existsSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { FrozenCache } from '../../src/training/frozenCache.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const ELEMENTS = 100;
const FILE_BYTES = FrozenCache.fileBytes(ELEMENTS);
const ids = (text: number) => Int32Array.of(101, text, 102);
const states = (text: number) => new Float32Array(ELEMENTS).map((_, index) => Math.sin(text + index));
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

/** The cache of a model, in which there is room for so many files of all models. */
async function cacheOf(folder: string, model: string, files: number, wanted: readonly number[]): Promise<FrozenCache> {
  const cache = new FrozenCache(folder, { modelHash: model, layers: 4 }, files * FILE_BYTES + 10);
  await cache.open(wanted.map(ids));
  return cache;
}

async function written(cache: FrozenCache, texts: readonly number[]): Promise<boolean[]> {
  const kept: boolean[] = [];
  for (const text of texts) kept.push(await cache.write(ids(text), states(text)));
  return kept;
}

async function found(cache: FrozenCache, texts: readonly number[]): Promise<number[]> {
  const there: number[] = [];
  for (const text of texts) {
    const own = await cache.read(ids(text), ELEMENTS);
    if (own !== undefined) there.push(text);
    if (own !== undefined) expect(own).toEqual(states(text));
  }
  return there;
}

function bytesBelow(folder: string): number {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => statSync(path.join(folder, name)))
    .reduce((sum, entry) => sum + (entry.isFile() ? entry.size : 0), 0);
}

/** Makes a set look as if it had been used that many hours ago. */
function age(folder: string, set: string, hours: number): void {
  const then = new Date(Date.now() - hours * 3_600_000);
  utimesSync(path.join(folder, 'hidden-states', set), then, then);
}

describe('the cache of hidden states', () => {
  it('writes no more than it may hold', async () => {
    const folder = temporaryFolder();
    const cache = await cacheOf(folder, 'a', 5, range(0, 8));
    expect(cache.capacityBytes).toBe(5 * FILE_BYTES + 10);
    expect(await written(cache, range(0, 8))).toEqual([true, true, true, true, true, false, false, false]);
    expect(bytesBelow(folder)).toBe(5 * FILE_BYTES);
    expect(await found(cache, range(0, 8))).toEqual(range(0, 5));
  });

  it('gives up the sets that were not used for longest, one after another, as room is needed', async () => {
    const folder = temporaryFolder();
    const sets = () => readdirSync(path.join(folder, 'hidden-states'));
    const order: string[] = [];
    for (const [index, model] of ['oldest', 'older', 'newest'].entries()) {
      await written(await cacheOf(folder, model, 9, range(0, 2)), range(0, 2));
      const set = sets().find((name) => !order.includes(name)) ?? '';
      order.push(set);
      age(folder, set, 9 - index);
    }
    const cache = await cacheOf(folder, 'own', 6, range(0, 4));
    const left = () => order.map((set) => existsSync(path.join(folder, 'hidden-states', set)));
    expect(left()).toEqual([true, true, true]);
    expect(await written(cache, [0])).toEqual([true]);
    expect(left()).toEqual([false, true, true]);
    expect(await written(cache, [1, 2])).toEqual([true, true]);
    expect(left()).toEqual([false, false, true]);
    expect(await written(cache, [3])).toEqual([true]);
    expect(bytesBelow(folder)).toBe(6 * FILE_BYTES);
  });

  it('gives up texts of its own that are not wanted any more, but none that are', async () => {
    const folder = temporaryFolder();
    await written(await cacheOf(folder, 'a', 4, range(0, 4)), range(0, 4));
    const cache = await cacheOf(folder, 'a', 4, range(2, 8));
    expect(await found(cache, range(0, 8))).toEqual([0, 1, 2, 3]);
    expect(await written(cache, range(4, 8))).toEqual([true, true, false, false]);
    expect(await found(cache, range(0, 8))).toEqual([2, 3, 4, 5]);
  });

  it('is brought down to what it may hold when it is opened', async () => {
    const folder = temporaryFolder();
    await written(await cacheOf(folder, 'a', 9, range(0, 6)), range(0, 6));
    const cache = await cacheOf(folder, 'a', 3, [0, 5]);
    expect(bytesBelow(folder)).toBe(3 * FILE_BYTES);
    expect(await found(cache, [0, 5])).toEqual([0, 5]);
  });

  it('leaves the disk to the other files of a run', async () => {
    const cache = new FrozenCache(temporaryFolder(), { modelHash: 'a', layers: 4 });
    await cache.open([ids(0)], Number.MAX_SAFE_INTEGER);
    expect(await written(cache, [0])).toEqual([false]);
  });

  it('keeps nothing where it cannot be written', async () => {
    const folder = temporaryFolder();
    mkdirSync(path.join(folder, 'cache'));
    writeFileSync(path.join(folder, 'cache', 'hidden-states'), 'a file');
    const cache = await cacheOf(path.join(folder, 'cache'), 'a', 9, range(0, 2));
    expect([cache.capacityBytes, await written(cache, [0])]).toEqual([0, [false]]);
    expect(await found(cache, [0])).toEqual([]);
  });
});
