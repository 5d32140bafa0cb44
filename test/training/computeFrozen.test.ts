import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { bertTensorShapes } from '../../src/checkpoint/bertTensors.ts';
import { seededRandom } from '../../src/core/seededRandom.ts';
import { computeFrozen } from '../../src/training/computeFrozen.ts';
import { FrozenCache } from '../../src/training/frozenCache.ts';
import type { MemoryRoom } from '../../src/training/memoryRoom.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { tinyConfig } from '../support/tinyConfig.ts';

const sequences = Array.from({ length: 9 }, (_, text) =>
  Int32Array.from({ length: 3 + text }, (_, token) => (text * 7 + token) % 20),
);
const all = [...sequences.keys()];
const tokens = sequences.reduce((sum, { length }) => sum + length, 0);
const bytes = tokens * tinyConfig.hiddenSize * 4;
const plenty: MemoryRoom = { neededBytes: 0, availableBytes: 1e9 };
const none: MemoryRoom = { neededBytes: 1e9, availableBytes: 1e9 };

async function readWeights(name: string): Promise<Float32Array> {
  const { normal } = seededRandom(name.length);
  const size = (bertTensorShapes(tinyConfig).get(name) ?? []).reduce((product, each) => product * each, 1);
  return Float32Array.from({ length: size }, () => normal());
}

async function frozen(folder: string, room: MemoryRoom, { layers = 1, largestBytes = 1e9 } = {}) {
  const cache = new FrozenCache(folder, { modelHash: 'a', layers }, largestBytes);
  await cache.open(sequences);
  return computeFrozen({
    config: tinyConfig,
    readWeights,
    layers,
    sequences,
    cache,
    room,
    threads: 1,
    onProgress: () => {},
  });
}

describe('computeFrozen', () => {
  it.each([1, 2])('gives the same from memory, from the disk, and from both: %d layers', async (layers) => {
    const inMemory = await (await frozen(temporaryFolder(), plenty, { layers })).of(all);
    expect(inMemory).toHaveLength((layers === 2 ? sequences.length : tokens) * tinyConfig.hiddenSize);
    const folder = temporaryFolder();
    // What was computed, and what was found.
    for (const _ of [1, 2]) expect(await (await frozen(folder, none, { layers })).of(all)).toEqual(inMemory);
    const half = { neededBytes: 0, availableBytes: bytes };
    expect(await (await frozen(folder, half, { layers })).of([7, 2, 7])).toEqual(
      await (await frozen(temporaryFolder(), plenty, { layers })).of([7, 2, 7]),
    );
  });

  it('holds no more in memory than there is room for', async () => {
    const folder = temporaryFolder();
    const states = await frozen(folder, { neededBytes: 1e6, availableBytes: 1e6 + bytes });
    rmSync(path.join(folder, 'hidden-states'), { recursive: true });
    const inMemory: number[] = [];
    for (const text of all) {
      await states.of([text]).then(
        () => inMemory.push(text),
        (error: unknown) =>
          expect(error).toMatchObject({ code: 'TRAINING_FAILED', message: expect.stringMatching(/train again/) }),
      );
    }
    const held = inMemory.reduce((sum, text) => sum + (sequences[text]?.length ?? 0), 0) * tinyConfig.hiddenSize * 4;
    expect(held).toBeGreaterThan(bytes / 4);
    expect(held).toBeLessThanOrEqual(bytes / 2);
  });

  it('holds in memory what the disk has no room for', async () => {
    const folder = temporaryFolder();
    const states = await frozen(folder, { neededBytes: 0, availableBytes: 2 * bytes }, { largestBytes: bytes / 2 });
    expect(await states.of(all)).toEqual(await (await frozen(temporaryFolder(), plenty)).of(all));
    const [set = ''] = readdirSync(path.join(folder, 'hidden-states'));
    expect(readdirSync(path.join(folder, 'hidden-states', set)).length).toBeLessThan(sequences.length);
  });

  it('refuses, before it computes, what has room neither in memory nor on the disk', async () => {
    const neverRead = () => Promise.reject(new Error('weights were read'));
    const cache = new FrozenCache(temporaryFolder(), { modelHash: 'a', layers: 1 }, 1_000);
    await cache.open(sequences);
    await expect(
      computeFrozen({
        config: tinyConfig,
        readWeights: neverRead,
        layers: 1,
        sequences,
        cache,
        room: none,
        threads: 1,
        onProgress: () => {},
      }),
    ).rejects.toMatchObject({
      code: 'OUT_OF_MEMORY',
      message: expect.stringMatching(/^Training needs about 1000 MB of memory, and 1000 MB are free: /),
    });
  });
});
