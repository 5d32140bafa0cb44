import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { SafetensorsFile } from './safetensors.ts';
import { damagedIndex, parseShardIndex } from './shardIndex.ts';
import type { TensorDataType, TensorLocation, TensorSource } from './tensorSource.ts';

/**
 * A checkpoint in several safetensors files and an index of which tensor lies in which, as `save_pretrained` writes a large
 * one. Source: https://huggingface.co/docs/transformers/big_models#sharded-checkpoints
 */
export class ShardedSafetensors implements TensorSource {
  private constructor(
    readonly fileName: string,
    private readonly shardOf: ReadonlyMap<string, SafetensorsFile>,
  ) {}

  /**
   * @param indexFile path of `model.safetensors.index.json`
   * @throws UserError BAD_CHECKPOINT where the index or a shard is damaged or does not hold what the index says;
   *   FILE_NOT_FOUND for a missing shard
   */
  static async open(indexFile: string): Promise<ShardedSafetensors> {
    const fileName = path.basename(indexFile);
    const shardNames = parseShardIndex(await readFile(indexFile, 'utf8'), fileName);
    const opened = new Map<string, SafetensorsFile>();
    try {
      for (const shard of new Set(shardNames.values())) {
        opened.set(shard, await SafetensorsFile.open(path.join(path.dirname(indexFile), shard)));
      }
      const shardOf = new Map<string, SafetensorsFile>();
      for (const [tensor, shard] of shardNames) {
        const source = opened.get(shard);
        if (source === undefined || !source.names().includes(tensor)) {
          throw damagedIndex(fileName, `${shard} does not hold ${tensor}`);
        }
        shardOf.set(tensor, source);
      }
      return new ShardedSafetensors(fileName, shardOf);
    } catch (error) {
      await Promise.all([...opened.values()].map((source) => source.close()));
      throw error;
    }
  }

  names(): readonly string[] {
    return [...this.shardOf.keys()];
  }

  shape(name: string): readonly number[] {
    return this.shard(name).shape(name);
  }

  dtype(name: string): TensorDataType {
    return this.shard(name).dtype(name);
  }

  read(name: string): Promise<Float32Array> {
    return this.shard(name).read(name);
  }

  location(name: string): TensorLocation | undefined {
    return this.shard(name).location(name);
  }

  async close(): Promise<void> {
    await Promise.all([...new Set(this.shardOf.values())].map((source) => source.close()));
  }

  private shard(name: string): SafetensorsFile {
    const shard = this.shardOf.get(name);
    if (shard === undefined) throw new Error(`${this.fileName} has no tensor ${name}`);
    return shard;
  }
}
