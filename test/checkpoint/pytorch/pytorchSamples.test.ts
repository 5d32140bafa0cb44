import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseBertConfig } from '../../../src/checkpoint/bertConfig.ts';
import { findClassifierWeights } from '../../../src/checkpoint/bertWeights.ts';
import { PytorchFile } from '../../../src/checkpoint/pytorch/pytorchFile.ts';
import { SafetensorsFile } from '../../../src/checkpoint/safetensors.ts';
import type { TensorSource } from '../../../src/checkpoint/tensorSource.ts';
import { OnnxClassifier } from '../../../src/inference/classifier.ts';
import { packBatches } from '../../../src/inference/packing.ts';
import { deriveModel } from '../../../src/models/derivedModel.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

const formats = path.resolve(import.meta.dirname, '..', '..', '..', '..', 'shared', 'data', 'tiny_models', 'formats');
const zipModel = path.join(formats, 'tiny_seriousness_bin_zip');
const legacyModel = path.join(formats, 'tiny_seriousness_bin_legacy');

const configOf = (folder: string) => parseBertConfig(readFileSync(path.join(folder, 'config.json'), 'utf8'));

async function openModel(folder: string): Promise<PytorchFile> {
  const source = await PytorchFile.open(path.join(folder, 'pytorch_model.bin'));
  onTestFinished(() => source.close());
  return source;
}

async function openReference(): Promise<SafetensorsFile> {
  const source = await SafetensorsFile.open(path.join(formats, 'tiny_seriousness', 'model.safetensors'));
  onTestFinished(() => source.close());
  return source;
}

/** The elements of every tensor of the classifier, as bytes in base64, under their canonical names. */
async function classifierTensors(source: TensorSource, folder: string): Promise<Map<string, string>> {
  const tensors = new Map<string, string>();
  for (const [name, sourceName] of findClassifierWeights(source, configOf(folder)).sourceNames) {
    tensors.set(name, Buffer.from((await source.read(sourceName)).buffer).toString('base64'));
  }
  return tensors;
}

describe.skipIf(!existsSync(formats)).each([
  ['zip', zipModel],
  ['legacy', legacyModel],
])('the sample checkpoint in the %s layout', (_, folder) => {
  it('holds the very weights of the safetensors file', async () => {
    const expected = await classifierTensors(await openReference(), folder);
    const actual = await classifierTensors(await openModel(folder), folder);
    expect(expected.size).toBe(41);
    expect(actual).toEqual(expected);
  });

  it('gives the golden logits in fp32', async () => {
    const config = configOf(folder);
    const { modelPath } = await deriveModel({
      config,
      source: await openModel(folder),
      sourceHash: 'golden',
      precision: 'fp32',
      cacheDirectory: temporaryFolder(),
    });
    const classifier = await OnnxClassifier.open({ modelPath, labelCount: config.labels.length, threads: 2 });
    onTestFinished(() => classifier.dispose());
    const { cases } = JSON.parse(readFileSync(path.join(formats, 'golden_logits.json'), 'utf8')) as {
      cases: { inputIds: number[]; logits: number[] }[];
    };
    for (const batch of packBatches(cases.map(({ inputIds }) => inputIds.length))) {
      const logits = await classifier.run(batch.map((index) => cases[index]?.inputIds ?? []));
      const expected = batch.flatMap((index) => cases[index]?.logits ?? []);
      const differences = expected.map((logit, index) => Math.abs(logit - (logits[index] ?? Number.NaN)));
      expect(Math.max(...differences)).toBeLessThan(1e-4);
    }
  });
});

describe.skipIf(!existsSync(formats))('the sample checkpoints', () => {
  it('lie in the zip layout so that ONNX Runtime can use them in place', async () => {
    const source = await openModel(zipModel);
    const bytes = readFileSync(path.join(zipModel, 'pytorch_model.bin'));
    for (const name of source.names()) {
      const place = source.location(name);
      expect(place?.file).toBe(path.join(zipModel, 'pytorch_model.bin'));
      const start = place?.offset ?? Number.NaN;
      const elements = Buffer.from((await source.read(name)).buffer);
      expect(bytes.subarray(start, start + (place?.length ?? 0)).equals(elements)).toBe(true);
    }
  });

  it('have the extra tensors of the legacy file, and the integers among them are refused only when they are read', async () => {
    const source = await openModel(legacyModel);
    expect(source.names()).toContain('bert.embeddings.LayerNorm.gamma');
    expect(source.dtype('bert.embeddings.position_ids')).toBe('I64');
    await expect(source.read('bert.embeddings.position_ids')).rejects.toMatchObject({
      code: 'BAD_CHECKPOINT',
      message: expect.stringContaining('stores bert.embeddings.position_ids as I64'),
    });
  });
});
