import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ShardedSafetensors } from '../../src/checkpoint/shardedSafetensors.ts';
import { float32Tensor, safetensorsBytes } from '../support/safetensorsBytes.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const a = float32Tensor([2], [1, 2]);
const b = float32Tensor([1, 2], [3, 4]);
const c = float32Tensor([1], [5]);

/** A checkpoint in two files; returns the path of its index. */
function checkpoint(index: unknown): string {
  const folder = path.join(temporaryFolder(), 'sharded');
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'model-1.safetensors'), safetensorsBytes({ a, b }));
  writeFileSync(path.join(folder, 'model-2.safetensors'), safetensorsBytes({ c }));
  const file = path.join(folder, 'model.safetensors.index.json');
  writeFileSync(file, typeof index === 'string' ? index : JSON.stringify(index));
  return file;
}

const whole = { weight_map: { a: 'model-1.safetensors', b: 'model-1.safetensors', c: 'model-2.safetensors' } };

describe('ShardedSafetensors', () => {
  it('gives the tensors of all files under their names', async () => {
    const source = await ShardedSafetensors.open(checkpoint(whole));
    expect(source.names()).toEqual(['a', 'b', 'c']);
    expect(source.shape('b')).toEqual([1, 2]);
    expect(source.dtype('c')).toBe('F32');
    expect([...(await source.read('a')), ...(await source.read('b')), ...(await source.read('c'))]).toEqual([
      1, 2, 3, 4, 5,
    ]);
    expect(source.location('c')?.file).toMatch(/model-2\.safetensors$/);
    expect(() => source.shape('d')).toThrow('has no tensor d');
    await source.close();
  });

  it.each<[string, unknown, string, RegExp]>([
    ['is no JSON', '{"weight_map": ', 'BAD_CHECKPOINT', /is not JSON/],
    ['is null', 'null', 'BAD_CHECKPOINT', /no weight_map/],
    ['has no weight_map', {}, 'BAD_CHECKPOINT', /no weight_map/],
    ['names a file elsewhere', { weight_map: { a: '../model-1.safetensors' } }, 'BAD_CHECKPOINT', /no valid file/],
    ['names no file', { weight_map: { a: 1 } }, 'BAD_CHECKPOINT', /no valid file/],
    ['names a file that is not there', { weight_map: { a: 'model-3.safetensors' } }, 'FILE_NOT_FOUND', /model-3/],
    [
      'has a tensor in the wrong file',
      { weight_map: { c: 'model-1.safetensors' } },
      'BAD_CHECKPOINT',
      /does not hold c/,
    ],
  ])('refuses an index that %s', async (_, index, code, message) => {
    await expect(ShardedSafetensors.open(checkpoint(index))).rejects.toMatchObject({
      name: 'UserError',
      code,
      message: expect.stringMatching(message),
    });
  });
});
