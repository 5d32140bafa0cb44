import { describe, expect, it } from 'vitest';
import type { ModelManifest } from '../../../src/models/manifest.ts';
import { compareModels } from '../../../src/models/registry/compareModels.ts';
import { type ModelFacts, readModelFacts } from '../../../src/models/registry/modelFacts.ts';
import { tinyConfig } from '../../support/tinyConfig.ts';

const facts = (manifest?: Partial<ModelManifest>): ModelFacts => ({
  manifest: manifest && { schemaVersion: 1, name: 'x', files: {}, ...manifest },
  config: tinyConfig,
  sizeBytes: 1_000,
});
const row = (a: ModelFacts, b: ModelFacts, name: string) => compareModels(a, b).rows.find((each) => each.name === name);

describe('the comparison of two models', () => {
  it.each([
    ['validationAccuracy', 0.8, 0.9, 'b'],
    ['validationMacroF1', 0.9, 0.8, 'a'],
    ['perClass.Serious.recall', 0.5, 0.7, 'b'],
    ['loss', 0.5, 0.7, 'a'],
    ['validationLoss', 0.7, 0.5, 'b'],
    ['accuracy', 0.7, 0.7, undefined],
    ['seconds', 10, 20, undefined],
    ['perClass.Serious.support', 10, 20, undefined],
  ])('of %s, %f and %f, finds %s better', (name, a, b, better) => {
    const nested = (value: number) =>
      name.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as Record<string, unknown>;
    const found = row(facts({ metrics: nested(a) }), facts({ metrics: nested(b) }), name);
    expect(found).toEqual({ section: 'metrics', name, a, b, ...(better ? { better } : {}) });
  });

  it('shows what only one of them has, and says nothing of better or worse', () => {
    const compared = compareModels(facts({ metrics: { accuracy: 0.5 } }), facts());
    expect(compared.rows[0]).toEqual({ section: 'metrics', name: 'accuracy', a: 0.5, b: undefined });
  });

  it('leaves out matrices and shows lists in a line', () => {
    const metrics = { confusionMatrix: [[1, 2]], perEpochLoss: [0.5, 0.25], none: [], nothing: null };
    const { rows } = compareModels(facts({ metrics }), facts());
    expect(rows.filter(({ section }) => section === 'metrics')).toEqual([
      { section: 'metrics', name: 'perEpochLoss', a: '0.5, 0.25', b: undefined },
    ]);
  });

  it('never calls a hyper-parameter better', () => {
    const [a, b] = [facts({ hyperParameters: { loss: 1 } }), facts({ hyperParameters: { loss: 2 } })];
    expect(row(a, b, 'loss')).toEqual({ section: 'hyperParameters', name: 'loss', a: 1, b: 2 });
  });

  it.each([
    [{ sha256: 'x' }, { sha256: 'x' }, true],
    [{ sha256: 'x' }, { sha256: 'y' }, false],
    [{ sha256: 'x' }, {}, undefined],
    [undefined, undefined, undefined],
  ])('says of the data %j and %j whether they are the same: %s', (a, b, same) => {
    const of = (data: { sha256?: string } | undefined) => facts(data === undefined ? {} : { data });
    expect(compareModels(of(a), of(b)).sameData).toBe(same);
  });

  it('holds for the built-in model, whose facts are read from its folder', async () => {
    const builtIn = await readModelFacts('models/default');
    const { rows, sameData } = compareModels(builtIn, facts());
    const values = Object.fromEntries(rows.map(({ section, name, a }) => [`${section}:${name}`, a]));
    expect(values).toMatchObject({
      'model:labels': 'D/LT, Non-serious, Serious',
      'model:layerCount': 6,
      'model:hiddenSize': 384,
      'model:parent': 'sentence-transformers/all-MiniLM-L6-v2',
      'hyperParameters:learningRate': 0.0002,
      'engine:name': 'pytorch',
    });
    expect(values['model:sizeBytes']).toBeGreaterThan(1e7);
    expect(sameData).toBeUndefined();
  });
});
