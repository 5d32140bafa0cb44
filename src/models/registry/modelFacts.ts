import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { type BertConfig, parseBertConfig } from '../../checkpoint/bertConfig.ts';
import { readModelFile } from '../describeModel.ts';
import { type ModelManifest, readManifest } from '../manifest.ts';

/** What `compareModels` compares. */
export interface ModelFacts {
  /** Undefined for a checkpoint without one. */
  readonly manifest: ModelManifest | undefined;
  readonly config: BertConfig;
  /** Of all files of the model directory. */
  readonly sizeBytes: number;
}

/**
 * Reads what there is to know of a model directory, but for its weights: a version in the registry, the built-in model, any.
 * @throws UserError MODEL_NOT_FOUND, BAD_MANIFEST, or what `parseBertConfig` says of its config.json
 */
export async function readModelFacts(directory: string): Promise<ModelFacts> {
  const config = parseBertConfig(await readModelFile(directory, 'config.json'));
  const manifest = await readManifest(directory);
  return { manifest, config, sizeBytes: await folderBytes(directory) };
}

/** Bytes of the files right in a folder. */
export async function folderBytes(directory: string): Promise<number> {
  const names = await readdir(directory);
  const facts = await Promise.all(names.map((name) => lstat(path.join(directory, name))));
  return facts.reduce((sum, { size }) => sum + size, 0);
}
