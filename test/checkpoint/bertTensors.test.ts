import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Architecture, architectures } from '../../src/checkpoint/architectures.ts';
import { bertTensorShapes, huggingFaceNames, linearGroups } from '../../src/checkpoint/bertTensors.ts';
import { SafetensorsFile } from '../../src/checkpoint/safetensors.ts';
import { readModelConfig } from '../support/architectureFixtures.ts';
import { tinyConfig, tinyConfigs } from '../support/tinyConfig.ts';

describe('huggingFaceNames', () => {
  it.each(['distilbert', 'electra', 'roberta'] as const)(
    'are those under which transformers saves a %s',
    async (name) => {
      const { folder, config } = readModelConfig(name);
      const saved = await SafetensorsFile.open(path.join(folder, 'model.safetensors'));
      onTestFinished(() => saved.close());
      const names = huggingFaceNames(config);
      expect([...names.values()].sort()).toEqual([...saved.names()].sort());
      const shapes = [...bertTensorShapes(config)];
      expect(shapes.map(([own]) => saved.shape(names.get(own) ?? ''))).toEqual(shapes.map(([, shape]) => shape));
    },
  );

  it("are this program's own for BERT", () => {
    for (const [name, own] of huggingFaceNames(tinyConfig)) expect(own).toBe(name);
  });

  it.each(Object.keys(architectures) as Architecture[])('tell all tensors of a %s apart', (name) => {
    const names = [...huggingFaceNames(tinyConfigs[name]).values()];
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((own) => own.includes('undefined'))).toEqual([]);
  });
});

describe('linearGroups', () => {
  it.each(Object.keys(architectures) as Architecture[])(
    'have all linear layers of a %s but the projection and the classifier',
    (name) => {
      const grouped = linearGroups(tinyConfigs[name]).flat();
      const linear = [...bertTensorShapes(tinyConfigs[name])].flatMap(([tensor, shape]) =>
        shape.length === 2 && !/_embeddings\.|^classifier|embeddings_project/.test(tensor)
          ? [tensor.replace('.weight', '')]
          : [],
      );
      expect(grouped).toEqual(linear);
    },
  );
});
