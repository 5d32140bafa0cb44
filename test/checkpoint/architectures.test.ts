import { describe, expect, it, onTestFinished } from 'vitest';
import { type Architecture, architectures } from '../../src/checkpoint/architectures.ts';
import { LocalBackend } from '../../src/inference/localBackend.ts';
import type { Precision } from '../../src/models/derivedModel.ts';
import { describeModel } from '../../src/models/describeModel.ts';
import { loadTokenizer } from '../../src/tokenizer/loadTokenizer.ts';
import { readArchitectureGolden, readModelConfig } from '../support/architectureFixtures.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const golden = readArchitectureGolden();
const names = Object.keys(architectures) as Architecture[];

/** Results of the texts in their order, as the program computes them for a model folder. */
async function predict(folder: string, texts: readonly string[], precision: Precision, maxLength: number) {
  const model = await describeModel(folder);
  const backend = new LocalBackend({
    modelDirectory: model.directory,
    modelHash: model.hash,
    modelStamp: model.stamp,
    cacheDirectory: temporaryFolder(),
    precision,
    maxLength,
    threads: 1,
  });
  onTestFinished(() => backend.dispose());
  const found: { logits: readonly number[]; tokenCount: number }[] = [];
  await backend.predict(texts, {
    onResults: (results) => {
      for (const { index, logits, tokenCount } of results) found[index] = { logits: [...logits], tokenCount };
    },
  });
  return found;
}

function largestDifference(found: readonly { logits: readonly number[] }[], name: Architecture): number {
  const differences = golden.models[name].flatMap(({ logits }, text) =>
    logits.map((logit, label) => Math.abs(logit - (found[text]?.logits[label] ?? Number.NaN))),
  );
  return Math.max(...differences);
}

describe.each(names)('a checkpoint of %s', (name) => {
  const { folder } = readModelConfig(name);

  it('gets the ids that transformers gives', async () => {
    const tokenizer = await loadTokenizer(folder);
    const encoded = golden.texts.map((text) => tokenizer.encode(text, golden.maxLength).inputIds);
    expect(encoded).toEqual(golden.models[name].map(({ inputIds }) => inputIds));
  });

  it('gives the logits of PyTorch in fp32', async () => {
    const found = await predict(folder, golden.texts, 'fp32', golden.maxLength);
    expect(largestDifference(found, name)).toBeLessThan(1e-4);
  });

  it('gives logits close to them in int8', async () => {
    const found = await predict(folder, golden.texts, 'int8', golden.maxLength);
    expect(largestDifference(found, name)).toBeLessThan(0.15);
  });

  it('reads as many tokens as it has positions', async () => {
    const [found] = await predict(folder, ['fever and pain '.repeat(50)], 'fp32', 256);
    expect(found?.tokenCount).toBe(name === 'roberta' ? 38 : 40);
  });
});
