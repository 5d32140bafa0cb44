import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseBertConfig } from '../../src/checkpoint/bertConfig.ts';
import { bertTensorShapes } from '../../src/checkpoint/bertTensors.ts';
import { SafetensorsFile } from '../../src/checkpoint/safetensors.ts';
import { OnnxClassifier } from '../../src/inference/classifier.ts';
import { packBatches } from '../../src/inference/packing.ts';
import { deriveModel, type Precision } from '../../src/models/derivedModel.ts';
import { FakeTensorSource } from '../support/fakeTensorSource.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { tinyConfig } from '../support/tinyConfig.ts';

const shared = path.resolve(import.meta.dirname, '..', '..', '..', 'shared');
const formats = path.join(shared, 'data', 'tiny_models', 'formats');
const minilm = path.join(shared, 'models', 'seriousness-minilm-l6');

interface Golden {
  readonly cases: readonly { readonly inputIds: number[]; readonly logits: number[] }[];
}

async function openTiny(precision: Precision = 'fp32', labelCount = 3): Promise<OnnxClassifier> {
  const { modelPath } = await deriveModel({
    config: tinyConfig,
    source: new FakeTensorSource(bertTensorShapes(tinyConfig)),
    sourceHash: 'tiny',
    precision,
    cacheDirectory: temporaryFolder(),
  });
  return openFor(modelPath, labelCount);
}

async function openCheckpoint(directory: string, precision: Precision): Promise<OnnxClassifier> {
  const config = parseBertConfig(readFileSync(path.join(directory, 'config.json'), 'utf8'));
  const source = await SafetensorsFile.open(path.join(directory, 'model.safetensors'));
  onTestFinished(() => source.close());
  const { modelPath } = await deriveModel({
    config,
    source,
    sourceHash: 'golden',
    precision,
    cacheDirectory: temporaryFolder(),
  });
  return openFor(modelPath, config.labels.length);
}

async function openFor(modelPath: string, labelCount: number): Promise<OnnxClassifier> {
  const classifier = await OnnxClassifier.open({ modelPath, labelCount, threads: 2 });
  onTestFinished(() => classifier.dispose());
  return classifier;
}

function largestDifference(actual: ArrayLike<number>, expected: readonly number[]): number {
  expect(actual.length).toBe(expected.length);
  return Math.max(...expected.map((value, index) => Math.abs(value - (actual[index] ?? Number.NaN))));
}

describe.each([
  {
    name: 'the tiny model',
    directory: path.join(formats, 'tiny_seriousness'),
    golden: path.join(formats, 'golden_logits.json'),
    int8: 0.35,
  },
  { name: 'the default model', directory: minilm, golden: path.join(minilm, 'golden.json'), int8: 0.15 },
])('OnnxClassifier against the golden logits of $name', ({ directory, golden, int8 }) => {
  const readGolden = () => (JSON.parse(readFileSync(golden, 'utf8')) as Golden).cases;

  it.skipIf(!existsSync(golden)).each<[Precision, number]>([
    ['fp32', 1e-4],
    ['int8', int8],
  ])('is close in %s', async (precision, tolerance) => {
    const classifier = await openCheckpoint(directory, precision);
    const cases = readGolden();
    for (const batch of packBatches(cases.map(({ inputIds }) => inputIds.length))) {
      const logits = await classifier.run(batch.map((index) => cases[index]?.inputIds ?? []));
      const expected = batch.flatMap((index) => cases[index]?.logits ?? []);
      expect(largestDifference(logits, expected)).toBeLessThan(tolerance);
    }
  });

  it.skipIf(!existsSync(golden)).each<Precision>(['fp32', 'int8'])(
    'gives a text the same logits alone and among others of any length in %s',
    async (precision) => {
      const classifier = await openCheckpoint(directory, precision);
      const texts = readGolden()
        .slice(0, 12)
        .map(({ inputIds }, index) => [...inputIds.slice(0, 2 + index * 5), 102]);
      const together = await classifier.run(texts);
      const alone = await Promise.all(texts.map((text) => classifier.run([text])));
      expect(
        largestDifference(
          together,
          alone.flatMap((logits) => [...logits]),
        ),
      ).toBeLessThan(1e-5);
    },
  );
});

describe('OnnxClassifier', () => {
  it('answers nothing for no text', async () => {
    expect(await (await openTiny()).run([])).toEqual(new Float32Array(0));
  });

  it('takes typed arrays and plain ones alike', async () => {
    const classifier = await openTiny();
    expect(await classifier.run([Int32Array.of(1, 2, 3)])).toEqual(await classifier.run([[1, 2, 3]]));
  });

  it.each([
    ['a token that is not in the vocabulary', [1, tinyConfig.vocabSize]],
    ['a text beyond the last position', new Array(tinyConfig.maxPositions + 1).fill(1)],
  ])('refuses %s, and goes on working', async (_, sequence) => {
    const classifier = await openTiny();
    await expect(classifier.run([sequence])).rejects.toMatchObject({ name: 'UserError', code: 'INFERENCE_FAILED' });
    expect(await classifier.run([[1, 2]])).toHaveLength(3);
  });

  it('refuses a model that is not there', async () => {
    const modelPath = path.join(temporaryFolder(), 'model.onnx');
    await expect(OnnxClassifier.open({ modelPath, labelCount: 3, threads: 1 })).rejects.toMatchObject({
      code: 'INFERENCE_FAILED',
    });
  });

  it('takes a wrong number of labels for a mistake of the program', async () => {
    const classifier = await openTiny('fp32', 2);
    await expect(classifier.run([[1]])).rejects.toThrow('3 logits for 1 sequences and 2 labels');
  });
});
