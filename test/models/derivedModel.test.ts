import { mkdirSync, readdirSync, readFileSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { BertConfig } from '../../src/checkpoint/bertConfig.ts';
import { bertTensorShapes } from '../../src/checkpoint/bertTensors.ts';
import { floatToHalf } from '../../src/checkpoint/halfPrecision.ts';
import { SafetensorsFile } from '../../src/checkpoint/safetensors.ts';
import type { TensorSource } from '../../src/checkpoint/tensorSource.ts';
import { OnnxClassifier } from '../../src/inference/classifier.ts';
import { type DeriveOptions, deriveModel } from '../../src/models/derivedModel.ts';
import { newProcessToken } from '../../src/models/registry/processToken.ts';
import { FakeTensorSource } from '../support/fakeTensorSource.ts';
import { float32Tensor, halfTensor, safetensorsBytes } from '../support/safetensorsBytes.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { tinyConfig } from '../support/tinyConfig.ts';

const fake = () => new FakeTensorSource(bertTensorShapes(tinyConfig));

/** Options for a checkpoint and a cache of its own. */
function optionsFor(source: TensorSource, change: Partial<DeriveOptions> = {}): DeriveOptions {
  const cacheDirectory = path.join(temporaryFolder(), 'cache');
  return { config: tinyConfig, source, sourceHash: 'a1b2', precision: 'fp32', cacheDirectory, ...change };
}

/** Writes the fake checkpoint as a safetensors file and opens it. */
async function savedCheckpoint(dtype: 'F32' | 'F16'): Promise<{ file: string; source: SafetensorsFile }> {
  const shapes = bertTensorShapes(tinyConfig);
  const tensors = await Promise.all(
    [...shapes].map(async ([name, shape]) => {
      const values = await fake().read(name);
      const tensor = dtype === 'F32' ? float32Tensor(shape, values) : halfTensor('F16', shape, floatToHalf(values));
      return [name, tensor] as const;
    }),
  );
  const file = path.join(temporaryFolder(), 'model.safetensors');
  writeFileSync(file, safetensorsBytes(Object.fromEntries(tensors)));
  const source = await SafetensorsFile.open(file);
  onTestFinished(() => source.close());
  return { file, source };
}

async function logitsOf(modelPath: string, sequences: number[][]): Promise<number[]> {
  const classifier = await OnnxClassifier.open({ modelPath, labelCount: tinyConfig.labels.length, threads: 1 });
  onTestFinished(() => classifier.dispose());
  return Array.from(await classifier.run(sequences));
}

const filesBeside = (modelPath: string) => readdirSync(path.dirname(modelPath)).sort();

describe('deriveModel', () => {
  it.each(['fp32', 'int8'] as const)('makes an %s model that runs, and finds it again', async (precision) => {
    const options = optionsFor(fake(), { precision });
    const made = await deriveModel(options);
    expect(made.reused).toBe(false);
    expect(await logitsOf(made.modelPath, [[1, 2], [3]])).toHaveLength(6);
    const source = fake();
    expect(await deriveModel({ ...options, source })).toEqual({ ...made, reused: true });
    expect(source.readCount).toBe(0);
    expect(readdirSync(options.cacheDirectory)).toEqual([made.key]);
  });

  it('uses a float32 checkpoint in place, through a hard link', async () => {
    const { file, source } = await savedCheckpoint('F32');
    const { modelPath } = await deriveModel(optionsFor(source));
    expect(filesBeside(modelPath)).toEqual(['manifest.json', 'model.onnx', 'model.safetensors']);
    expect(statSync(path.join(path.dirname(modelPath), 'model.safetensors')).ino).toBe(statSync(file).ino);
  });

  it('gives the same logits in place as converted', async () => {
    const { source } = await savedCheckpoint('F32');
    const inPlace = await deriveModel(optionsFor(source));
    const converted = await deriveModel(optionsFor(fake()));
    expect(filesBeside(converted.modelPath)).toContain('weights.bin');
    const sequences = [[1, 2, 3, 4], [5]];
    expect(await logitsOf(inPlace.modelPath, sequences)).toEqual(await logitsOf(converted.modelPath, sequences));
  });

  it('keeps the tables of a float16 checkpoint in float16 when it quantizes', async () => {
    const { source } = await savedCheckpoint('F16');
    const half = await deriveModel(optionsFor(source, { precision: 'int8' }));
    const single = await deriveModel(optionsFor(fake(), { precision: 'int8' }));
    const size = (modelPath: string) => statSync(path.join(path.dirname(modelPath), 'weights.bin')).size;
    expect(size(half.modelPath)).toBeLessThan(size(single.modelPath));
    const [a, b] = [await logitsOf(half.modelPath, [[1, 2, 3]]), await logitsOf(single.modelPath, [[1, 2, 3]])];
    for (const [index, value] of a.entries()) expect(value).toBeCloseTo(b[index] ?? Number.NaN, 1);
  });

  it('has another folder for another checkpoint, precision or configuration', async () => {
    const options = optionsFor(fake());
    const relu: BertConfig = { ...tinyConfig, hiddenAct: 'relu' };
    const changes: Partial<DeriveOptions>[] = [{}, { sourceHash: 'c3d4' }, { precision: 'int8' }, { config: relu }];
    const keys = await Promise.all(changes.map(async (change) => (await deriveModel({ ...options, ...change })).key));
    expect(new Set(keys).size).toBe(changes.length);
  });

  it('reports progress from 0 to 1, never backwards', async () => {
    const fractions: number[] = [];
    await deriveModel(optionsFor(fake(), { precision: 'int8', onProgress: (fraction) => fractions.push(fraction) }));
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect([fractions[0], fractions.at(-1)]).toEqual([0, 1]);
  });
});

describe('a derived model that was damaged', () => {
  it.each<[string, (directory: string) => void]>([
    ['its weights were cut off', (directory) => truncateSync(path.join(directory, 'weights.bin'), 100)],
    ['its graph was emptied', (directory) => truncateSync(path.join(directory, 'model.onnx'), 0)],
    ['its manifest is half written', (directory) => truncateSync(path.join(directory, 'manifest.json'), 20)],
    ['a stray file lies in it', (directory) => writeFileSync(path.join(directory, 'stray'), '')],
  ])('is made again when %s', async (_, damage) => {
    const options = optionsFor(fake(), { precision: 'int8' });
    const { modelPath, key } = await deriveModel(options);
    const before = await logitsOf(modelPath, [[1, 2]]);
    damage(path.dirname(modelPath));
    expect((await deriveModel(options)).reused).toBe(false);
    expect(await logitsOf(modelPath, [[1, 2]])).toEqual(before);
    expect(readdirSync(options.cacheDirectory)).toEqual([key]);
  });

  it('is made again when the checkpoint that is linked in was overwritten in place', async () => {
    const { file, source } = await savedCheckpoint('F32');
    const options = optionsFor(source);
    await deriveModel(options);
    const bytes = readFileSync(file);
    writeFileSync(file, bytes);
    utimesSync(file, new Date(0), new Date(0));
    expect((await deriveModel(options)).reused).toBe(false);
  });
});

describe('several deriveModel at once', () => {
  it.each([
    ['from nothing', false],
    ['over a damaged folder', true],
  ])('all succeed, %s', async (_, damaged) => {
    const options = optionsFor(fake());
    if (damaged) truncateSync((await deriveModel(options)).modelPath, 10);
    const all = await Promise.all(Array.from({ length: 4 }, () => deriveModel({ ...options, source: fake() })));
    const [{ modelPath, key } = { modelPath: '', key: '' }] = all;
    expect(new Set(all.map((model) => model.modelPath))).toEqual(new Set([modelPath]));
    expect(readdirSync(options.cacheDirectory)).toEqual([key]);
    expect(await logitsOf(modelPath, [[1, 2]])).toHaveLength(3);
  });
});

describe('a deriveModel that does not finish', () => {
  it('leaves nothing when it was cancelled before', async () => {
    const options = optionsFor(fake(), { signal: AbortSignal.abort() });
    await expect(deriveModel(options)).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(() => readdirSync(options.cacheDirectory)).toThrow('ENOENT');
  });

  it('leaves nothing when it is cancelled halfway', async () => {
    const controller = new AbortController();
    const onProgress = (fraction: number) => {
      if (fraction > 0.5) controller.abort();
    };
    const options = optionsFor(fake(), { signal: controller.signal, onProgress });
    await expect(deriveModel(options)).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(readdirSync(options.cacheDirectory)).toEqual([]);
  });

  it('leaves nothing when a tensor cannot be read, and passes the reason on', async () => {
    const source = fake();
    const reason = new Error('unreadable');
    source.read = () => Promise.reject(reason);
    const options = optionsFor(source);
    await expect(deriveModel(options)).rejects.toBe(reason);
    expect(readdirSync(options.cacheDirectory)).toEqual([]);
  });

  it('refuses an encoder without a head before it writes anything', async () => {
    const shapes = [...bertTensorShapes(tinyConfig)].filter(([name]) => !name.startsWith('classifier'));
    const options = optionsFor(new FakeTensorSource(new Map(shapes)));
    await expect(deriveModel(options)).rejects.toMatchObject({ code: 'NO_CLASSIFIER' });
    expect(() => readdirSync(options.cacheDirectory)).toThrow('ENOENT');
  });

  it('says what to do when the cache cannot be written', async () => {
    const file = path.join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    const options = optionsFor(fake(), { cacheDirectory: path.join(file, 'cache') });
    await expect(deriveModel(options)).rejects.toMatchObject({ name: 'UserError', code: 'IO_ERROR' });
  });

  it('is cleaned up when its process was killed, but not while it may still be at work', async () => {
    const options = optionsFor(fake());
    const alive = `.caselight-making-${newProcessToken()}`;
    const gone = alive.replace(`-${process.pid}-`, '-1999999999-');
    for (const name of [alive, gone, 'kept']) mkdirSync(path.join(options.cacheDirectory, name), { recursive: true });
    const { key } = await deriveModel(options);
    expect(readdirSync(options.cacheDirectory).sort()).toEqual([alive, key, 'kept'].sort());
  });
});
