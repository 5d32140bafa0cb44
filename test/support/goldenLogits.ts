import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { parseBertConfig } from '../../src/checkpoint/bertConfig.ts';
import type { TensorSource } from '../../src/checkpoint/tensorSource.ts';
import { OnnxClassifier } from '../../src/inference/classifier.ts';
import { deriveModel } from '../../src/models/derivedModel.ts';
import { temporaryFolder } from './temporaryFolder.ts';

/** One small model in every format, made by the reference libraries; the folder may be missing. */
export const formatsFolder = path.resolve(
  import.meta.dirname,
  ...['..', '..', '..', 'shared', 'data', 'tiny_models', 'formats'],
);

/** Whether the models of `formatsFolder` are there. */
export const hasFormats = existsSync(formatsFolder);

interface Golden {
  readonly cases: readonly { readonly inputIds: number[]; readonly logits: number[] }[];
}

/**
 * The largest difference between the logits of a checkpoint in `formatsFolder`, run in float32, and those that Python gave.
 * @param folder name of the checkpoint's folder, for its configuration
 */
export async function goldenDifference(source: TensorSource, folder: string): Promise<number> {
  const config = parseBertConfig(readFileSync(path.join(formatsFolder, folder, 'config.json'), 'utf8'));
  const cacheDirectory = temporaryFolder();
  const { modelPath } = await deriveModel({ config, source, sourceHash: folder, precision: 'fp32', cacheDirectory });
  const classifier = await OnnxClassifier.open({ modelPath, labelCount: config.labels.length, threads: 1 });
  onTestFinished(() => classifier.dispose());
  const golden = JSON.parse(readFileSync(path.join(formatsFolder, 'golden_logits.json'), 'utf8')) as Golden;
  let largest = golden.cases.length === 0 ? Number.NaN : 0;
  for (const { inputIds, logits } of golden.cases) {
    const actual = await classifier.run([inputIds]);
    for (const [index, expected] of logits.entries()) {
      largest = Math.max(largest, Math.abs(expected - (actual[index] ?? Number.NaN)));
    }
  }
  return largest;
}

/** Every tensor of a checkpoint, by name. */
export async function allTensors(source: TensorSource) {
  const tensors: Record<string, { shape: readonly number[]; values: Float32Array }> = {};
  for (const name of source.names()) {
    tensors[name] = { shape: source.shape(name), values: await source.read(name) };
  }
  return tensors;
}
