import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Architecture, architectures } from '../../src/checkpoint/architectures.ts';
import { bertTensorShapes, huggingFaceNames } from '../../src/checkpoint/bertTensors.ts';
import { completeCheckpoint } from '../../src/checkpoint/completeCheckpoint.ts';
import { floatToHalf, halfToFloat } from '../../src/checkpoint/halfPrecision.ts';
import { SafetensorsFile } from '../../src/checkpoint/safetensors.ts';
import type { TensorDataType } from '../../src/checkpoint/tensorSource.ts';
import { readModelConfig } from '../support/architectureFixtures.ts';
import { FakeTensorSource } from '../support/fakeTensorSource.ts';
import { tinyConfig, tinyConfigs } from '../support/tinyConfig.ts';

const names = Object.keys(architectures) as Architecture[];
/** A wider BERT, so that a fresh pooler has elements enough to judge them. */
const wideConfig = { ...tinyConfig, hiddenSize: 128, embeddingSize: 128 };

/** A checkpoint without its head, stored as `dtype`. */
function headless(config = tinyConfig, dtype: TensorDataType = 'F32'): FakeTensorSource {
  const own = huggingFaceNames(config);
  const tensors = [...bertTensorShapes(config)].filter(([name]) => !/^classifier|pooler/.test(name));
  return new FakeTensorSource(new Map(tensors.map(([name, shape]) => [own.get(name) ?? '', shape])), dtype);
}

async function freshHead(seed: number, dtype: TensorDataType = 'F32'): Promise<Float32Array> {
  const { tensors } = completeCheckpoint(headless(wideConfig, dtype), wideConfig, seed);
  return tensors.read('bert.pooler.dense.weight');
}

describe('completeCheckpoint', () => {
  it.each(names)('gives a %s without a head every tensor that transformers expects', (architecture) => {
    const config = tinyConfigs[architecture];
    const { tensors, fresh } = completeCheckpoint(headless(config), config, 42);
    const { pooler, classifier } = architectures[architecture].outer;
    expect(fresh).toEqual([pooler, classifier].flatMap((layer) => [`${layer}.weight`, `${layer}.bias`]));
    expect(tensors.names()).toEqual([...huggingFaceNames(config).values()]);
    expect(tensors.names().map((name) => tensors.shape(name))).toEqual([...bertTensorShapes(config).values()]);
  });

  it('passes on what is there under the names of transformers, to the bit, and makes nothing', async () => {
    const { folder, config } = readModelConfig('bert');
    const source = await SafetensorsFile.open(path.join(folder, 'model.safetensors'));
    onTestFinished(() => source.close());
    const { tensors, fresh } = completeCheckpoint(source, config, 42);
    expect(fresh).toEqual([]);
    const [name, old] = [
      'bert.encoder.layer.1.output.LayerNorm.bias',
      'module.bert.encoder.layer.1.output.LayerNorm.beta',
    ];
    expect(await tensors.read(name)).toEqual(await source.read(old));
    expect(tensors.dtype(name)).toBe('F32');
    expect(tensors.location?.(name)).toEqual(source.location(old));
    expect(tensors.location?.(name)).toBeDefined();
  });

  it('reads a tensor only when it is asked for', async () => {
    const source = headless();
    const { tensors } = completeCheckpoint(source, tinyConfig, 42);
    expect(source.readCount).toBe(0);
    await tensors.read('bert.embeddings.LayerNorm.weight');
    await tensors.read('classifier.weight');
    expect(source.readCount).toBe(1);
  });

  it('draws weights from a normal distribution with standard deviation 0.02, and starts biases at zero', async () => {
    const { tensors } = completeCheckpoint(headless(wideConfig), wideConfig, 42);
    const weights = await tensors.read('bert.pooler.dense.weight');
    const mean = weights.reduce((sum, value) => sum + value, 0) / weights.length;
    const deviation = Math.sqrt(weights.reduce((sum, value) => sum + (value - mean) ** 2, 0) / weights.length);
    // 16,384 draws: four standard errors.
    expect(Math.abs(mean)).toBeLessThan((4 * 0.02) / 128);
    expect(Math.abs(deviation - 0.02)).toBeLessThan((4 * 0.02) / (128 * Math.SQRT2));
    expect(await tensors.read('classifier.bias')).toEqual(new Float32Array(3));
  });

  it('makes the same head for the same seed, and another for another', async () => {
    expect(await freshHead(7)).toEqual(await freshHead(7));
    expect(await freshHead(7)).not.toEqual(await freshHead(8));
  });

  it.each<[TensorDataType, TensorDataType]>([
    ['F32', 'F32'],
    ['F16', 'F16'],
    ['BF16', 'F32'],
    ['F64', 'F32'],
  ])('makes the head of a checkpoint in %s in %s', async (stored, expected) => {
    const { tensors, fresh } = completeCheckpoint(headless(wideConfig, stored), wideConfig, 7);
    expect(fresh.map((name) => tensors.dtype(name))).toEqual(fresh.map(() => expected));
    const values = await tensors.read('bert.pooler.dense.weight');
    if (expected === 'F16') expect(values).toEqual(halfToFloat(floatToHalf(await freshHead(7))));
    else expect(values).toEqual(await freshHead(7));
  });

  it('cannot be changed through what it gave', async () => {
    const { tensors } = completeCheckpoint(headless(), tinyConfig, 42);
    const values = await tensors.read('classifier.weight');
    const first = values[0];
    values.fill(0);
    expect((await tensors.read('classifier.weight'))[0]).toBe(first);
  });

  it('refuses a checkpoint without a part of the encoder', () => {
    const source = new FakeTensorSource(new Map([['classifier.weight', [3, 8]]]));
    expect(() => completeCheckpoint(source, tinyConfig, 42)).toThrow(
      expect.objectContaining({
        code: 'BAD_CHECKPOINT',
        message: expect.stringContaining('no tensor bert.embeddings'),
      }),
    );
  });

  it('takes an unknown name for a mistake of the program', () => {
    const { tensors } = completeCheckpoint(headless(), tinyConfig, 42);
    expect(() => tensors.shape('nothing')).toThrow('no tensor nothing');
  });
});
