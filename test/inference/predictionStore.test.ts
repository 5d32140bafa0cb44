import { createHash } from 'node:crypto';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PredictionStore } from '../../src/inference/predictionStore.ts';

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
const result = (seed: number) => ({
  logits: Float32Array.of(seed, -seed, 0.25),
  truncated: seed % 2 === 1,
  tokenCount: 10 + seed,
});

describe('PredictionStore', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'caselight-store-'));
    path = join(folder, 'deep', 'store.bin');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('gives back after reopening what was put in', async () => {
    const store = await PredictionStore.open(path, 3);
    for (let i = 0; i < 50; i++) store.set(hashOf(`${i}`), result(i));
    await store.flush();
    const reopened = await PredictionStore.open(path, 3);
    expect(reopened.size).toBe(50);
    for (let i = 0; i < 50; i++) expect(reopened.get(hashOf(`${i}`))).toEqual(result(i));
    expect(reopened.get(hashOf('other'))).toBeUndefined();
  });

  it('writes each prediction once, however often it is set and flushed', async () => {
    const store = await PredictionStore.open(path, 3);
    store.set(hashOf('a'), result(1));
    await Promise.all([store.flush(), store.flush()]);
    const { size } = statSync(path);
    store.set(hashOf('a'), result(2));
    await store.flush();
    expect(statSync(path).size).toBe(size);
    expect(store.get(hashOf('a'))).toEqual(result(1));
  });

  it('holds no text of a narrative', async () => {
    const store = await PredictionStore.open(path, 3);
    store.set(hashOf('Patient died'), result(1));
    await store.flush();
    expect(readFileSync(path, 'latin1')).not.toContain('Patient');
  });

  it.each([1, 20, 47])('drops an entry that a crash cut after %i bytes, and goes on in step', async (bytes) => {
    const store = await PredictionStore.open(path, 3);
    store.set(hashOf('a'), result(1));
    store.set(hashOf('b'), result(2));
    await store.flush();
    truncateSync(path, 48 + bytes);
    const torn = await PredictionStore.open(path, 3);
    expect(torn.size).toBe(1);
    torn.set(hashOf('c'), result(3));
    await torn.flush();
    const again = await PredictionStore.open(path, 3);
    expect(again.get(hashOf('a'))).toEqual(result(1));
    expect(again.get(hashOf('c'))).toEqual(result(3));
  });

  it('skips entries of zeros that a crash of the machine left', async () => {
    const store = await PredictionStore.open(path, 3);
    store.set(hashOf('a'), result(1));
    await store.flush();
    appendFileSync(path, Buffer.alloc(48));
    expect((await PredictionStore.open(path, 3)).size).toBe(1);
  });

  it('serves two windows that append to one file', async () => {
    const [one, two] = [await PredictionStore.open(path, 3), await PredictionStore.open(path, 3)];
    for (let i = 0; i < 20; i++) {
      one.set(hashOf(`one ${i}`), result(i));
      two.set(hashOf(`two ${i}`), result(i));
      await Promise.all([one.flush(), two.flush()]);
    }
    expect((await PredictionStore.open(path, 3)).size).toBe(40);
  });

  it('rejects a flush that the disk refuses, and accepts a later one', async () => {
    const store = await PredictionStore.open(path, 3);
    store.set(hashOf('a'), result(1));
    rmSync(join(folder, 'deep'), { recursive: true });
    writeFileSync(join(folder, 'deep'), '');
    await expect(store.flush()).rejects.toThrow();
    expect(store.get(hashOf('a'))).toEqual(result(1));
    rmSync(join(folder, 'deep'));
    mkdirSync(join(folder, 'deep'));
    await store.flush();
    expect((await PredictionStore.open(path, 3)).get(hashOf('a'))).toEqual(result(1));
  });

  it('works in memory where its file cannot be used, and tells why', async () => {
    writeFileSync(join(folder, 'deep'), '');
    const errors: unknown[] = [];
    const store = await PredictionStore.open(path, 3, (error) => errors.push(error));
    expect(errors).toHaveLength(1);
    store.set(hashOf('a'), result(1));
    expect(store.get(hashOf('a'))).toEqual(result(1));
  });

  it('refuses logits of another number of labels', async () => {
    const store = await PredictionStore.open(path, 2);
    expect(() => store.set(hashOf('a'), result(1))).toThrow('3 logits in a store of 2');
  });
});
