import { existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SafetensorsFile } from '../../../src/checkpoint/safetensors.ts';
import { loadHdf5 } from '../../../src/checkpoint/tensorflow/hdf5Library.ts';
import { TensorflowH5File } from '../../../src/checkpoint/tensorflow/tensorflowH5.ts';
import { allTensors, formatsFolder, goldenDifference, hasFormats } from '../../support/goldenLogits.ts';
import { type Hdf5Values, hdf5Bytes } from '../../support/hdf5Bytes.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

const model = 'tf_bert_for_sequence_classification';
const words = `/bert/${model}/bert/embeddings/word_embeddings/weight:0`;
const kernel = `/classifier/${model}/classifier/kernel:0`;

const floats = (shape: readonly number[], ...values: number[]): Hdf5Values => ({
  shape,
  values: Float32Array.from(values),
});
const datasets = {
  [words]: floats([2, 2], 1, 2, 3, 4),
  [kernel]: floats([2, 3], 1, 2, 3, 4, 5, 6),
  [`/classifier/${model}/classifier/bias:0`]: { shape: [3], values: Float64Array.of(0.1, -2, 1e-30) },
  [`/bert/${model}/bert/pooler/dense/kernel:0`]: { ...floats([2, 2], 1, 2, 3, 4), compressed: true },
  '/bert/steps': { shape: [1], values: Int32Array.of(7) },
};

async function openBytes(bytes: Uint8Array): Promise<TensorflowH5File> {
  const file = path.join(temporaryFolder(), 'tf_model.h5');
  writeFileSync(file, bytes);
  const source = await TensorflowH5File.open(file);
  onTestFinished(() => source.close());
  return source;
}

const refusal = (message: string) => ({
  name: 'UserError',
  code: 'BAD_CHECKPOINT',
  message: expect.stringContaining(message),
});

describe('TensorflowH5File', () => {
  it('names and shapes the weights as PyTorch has them, and leaves out what is no weight', async () => {
    const source = await openBytes(await hdf5Bytes(datasets));
    const found = Object.fromEntries(source.names().map((name) => [name, [source.shape(name), source.dtype(name)]]));
    expect(found).toEqual({
      'bert.embeddings.word_embeddings.weight': [[2, 2], 'F32'],
      'bert.pooler.dense.weight': [[2, 2], 'F32'],
      'classifier.weight': [[3, 2], 'F32'],
      'classifier.bias': [[3], 'F64'],
    });
  });

  it.each([
    ['a table as it is', 'bert.embeddings.word_embeddings.weight', [1, 2, 3, 4]],
    ['a kernel transposed', 'classifier.weight', [1, 4, 2, 5, 3, 6]],
    ['double precision rounded', 'classifier.bias', [Math.fround(0.1), -2, Math.fround(1e-30)]],
    ['compressed data', 'bert.pooler.dense.weight', [1, 3, 2, 4]],
  ])('reads %s', async (_, name, expected) => {
    const source = await openBytes(await hdf5Bytes(datasets));
    expect([...(await source.read(name))]).toEqual(expected);
  });

  it('reads what passes through the library in several slices', async () => {
    const table = Float32Array.from({ length: 3_000_001 }, (_, index) => index % 65_521);
    const source = await openBytes(await hdf5Bytes({ [words]: { shape: [3_000_001, 1], values: table } }));
    const values = await source.read('bert.embeddings.word_embeddings.weight');
    expect(Buffer.from(values.buffer).equals(Buffer.from(table.buffer))).toBe(true);
  });

  it('keeps two open files apart', async () => {
    const [first, second] = [await openBytes(await hdf5Bytes(datasets)), await openBytes(await hdf5Bytes(datasets))];
    await first.close();
    await expect(first.read('classifier.weight')).rejects.toThrow('was closed');
    expect([...(await second.read('bert.embeddings.word_embeddings.weight'))]).toEqual([1, 2, 3, 4]);
  });

  it('takes an unknown name for a mistake of the program', async () => {
    const source = await openBytes(await hdf5Bytes(datasets));
    expect(() => source.shape('nothing')).toThrow('no tensor nothing');
  });

  it('says that a missing file is missing', async () => {
    const file = path.join(temporaryFolder(), 'tf_model.h5');
    await expect(TensorflowH5File.open(file)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  });

  it('notices that the file shrank after it was opened', async () => {
    const file = path.join(temporaryFolder(), 'tf_model.h5');
    const table = new Float32Array(100_000).fill(1);
    writeFileSync(file, await hdf5Bytes({ [words]: { shape: [100_000, 1], values: table } }));
    const source = await TensorflowH5File.open(file);
    onTestFinished(() => source.close());
    truncateSync(file, 10_000);
    await expect(source.read('bert.embeddings.word_embeddings.weight')).rejects.toMatchObject(
      refusal('word_embeddings'),
    );
  });
});

describe('a file that is no tf_model.h5', () => {
  it.each<[string, string, Readonly<Record<string, Hdf5Values>>]>([
    ['holds nothing', 'does not hold the weights of a TensorFlow model', {}],
    ['has the layout of Keras 3', 'does not hold the weights', { '/layers/dense/vars/0': floats([2, 2], 1, 2, 3, 4) }],
    [
      'holds two models',
      'bert.embeddings.word_embeddings.weight twice',
      { [words]: floats([1], 1), [words.replace(model, `${model}_1`)]: floats([1], 1) },
    ],
  ])('is refused when it %s', async (_, message, contents) => {
    await expect(openBytes(await hdf5Bytes(contents))).rejects.toMatchObject(refusal(message));
  });

  it.each([
    ['is empty', ''],
    ['is a pointer of Git LFS', 'version https://git-lfs.github.com/spec/v1\n'],
    ['begins like one and ends there', '\x89HDF\r\n\x1a\n'],
  ])('is refused when it %s', async (_, text) => {
    await expect(openBytes(Buffer.from(text, 'latin1'))).rejects.toMatchObject({ code: 'BAD_CHECKPOINT' });
  });

  it('is refused when its groups run in circles', async () => {
    const bytes = await hdf5Bytes(datasets, { '/bert/again': '/bert' });
    await expect(openBytes(bytes)).rejects.toMatchObject(refusal('is laid out as no file of weights is'));
  });

  it('is refused wherever it is cut', async () => {
    const bytes = await hdf5Bytes(datasets);
    for (let size = 0; size < bytes.length; size += 97) {
      await expect(openBytes(bytes.subarray(0, size))).rejects.toMatchObject({ code: 'BAD_CHECKPOINT' });
    }
  });

  it('is read or refused in few words, and let go of, when bits of it are wrong', async () => {
    const { functions } = await loadHdf5();
    const bytes = await hdf5Bytes({ ...datasets, '/bert/scalar/weight:0': floats([], 5) });
    const file = path.join(temporaryFolder(), 'tf_model.h5');
    const flip = fc.record({ offset: fc.nat({ max: bytes.length - 1 }), mask: fc.integer({ min: 1, max: 255 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(flip, { minLength: 1, maxLength: 12 }), async (flips) => {
        const damaged = Uint8Array.from(bytes);
        for (const { offset, mask } of flips) damaged[offset] = (damaged[offset] ?? 0) ^ mask;
        writeFileSync(file, damaged);
        const reason = await outcome(file);
        if (reason !== undefined) expect(reason).toMatchObject({ name: 'UserError', code: 'BAD_CHECKPOINT' });
      }),
      { numRuns: 300, seed: 4 },
    );
    expect(functions.FS.readdir('/').filter((name: string) => name.endsWith('.h5'))).toEqual([]);
    expect([...(await (await openBytes(bytes)).read('classifier.weight'))]).toEqual([1, 4, 2, 5, 3, 6]);
  });
});

/** Opens a file, reads all of it and closes it. @returns why it could not */
async function outcome(file: string): Promise<unknown> {
  try {
    const source = await TensorflowH5File.open(file);
    try {
      await allTensors(source);
    } finally {
      await source.close();
    }
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('a file that was opened', () => {
  const descriptors = '/proc/self/fd';

  it.skipIf(!existsSync(descriptors))('leaves no descriptor open, whether it was read or refused', async () => {
    const file = path.join(temporaryFolder(), 'tf_model.h5');
    const bytes = await hdf5Bytes(datasets);
    const open = () => readdirSync(descriptors).length;
    await outcome(file);
    const before = open();
    for (const contents of [bytes, bytes.subarray(0, 500), await hdf5Bytes({})]) {
      writeFileSync(file, contents);
      for (let round = 0; round < 20; round++) await outcome(file);
    }
    expect(open()).toBeLessThan(before + 20);
  });
});

describe.skipIf(!hasFormats)('the tf_model.h5 that TensorFlow wrote', () => {
  const folder = 'tiny_seriousness_tf_h5';
  const openSample = async () => {
    const source = await TensorflowH5File.open(path.join(formatsFolder, folder, 'tf_model.h5'));
    onTestFinished(() => source.close());
    return source;
  };

  it('holds the tensors of the safetensors file, to the bit', async () => {
    const expected = await SafetensorsFile.open(path.join(formatsFolder, 'tiny_seriousness', 'model.safetensors'));
    onTestFinished(() => expected.close());
    expect(await allTensors(await openSample())).toEqual(await allTensors(expected));
  });

  it('gives the golden logits', async () => {
    expect(await goldenDifference(await openSample(), folder)).toBeLessThan(1e-4);
  });

  it('is refused wherever it is cut', async () => {
    const bytes = readFileSync(path.join(formatsFolder, folder, 'tf_model.h5'));
    for (let size = 1; size < bytes.length; size += 25_013) {
      await expect(openBytes(bytes.subarray(0, size))).rejects.toMatchObject({ code: 'BAD_CHECKPOINT' });
    }
  });
});
