import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../core/userError.ts';
import { parseShardIndex } from './shardIndex.ts';

/** The files that a checkpoint may have its weights in, in order of preference; `openCheckpoint` reads them. */
export const WEIGHT_FILES = [
  'model.safetensors',
  'model.safetensors.index.json',
  'pytorch_model.bin',
  'tf_model.h5',
  'model.onnx',
] as const;

/** One of them. */
export type WeightFile = (typeof WEIGHT_FILES)[number];

/**
 * The file that the weights of a checkpoint folder are read from.
 * @throws UserError MODEL_NOT_FOUND where there is none that Caselight reads
 */
export async function findWeightFile(directory: string): Promise<WeightFile> {
  for (const file of WEIGHT_FILES) {
    const isThere = await stat(path.join(directory, file)).then(
      (stats) => stats.isFile(),
      () => false,
    );
    if (isThere) return file;
  }
  throw new UserError(
    'MODEL_NOT_FOUND',
    `The folder ${path.basename(directory)} has none of the weight files that Caselight reads: choose a Hugging Face BERT folder with ${WEIGHT_FILES.join(', ')}.`,
  );
}

/**
 * Base names of all files that the weights of a checkpoint folder lie in.
 * @throws UserError MODEL_NOT_FOUND, or BAD_CHECKPOINT where an index of several files is damaged
 */
export async function weightFiles(directory: string): Promise<readonly string[]> {
  const file = await findWeightFile(directory);
  if (file !== 'model.safetensors.index.json') return [file];
  const index = parseShardIndex(await readFile(path.join(directory, file), 'utf8'), file);
  return [file, ...new Set(index.values())];
}
