import { describe, expect, it } from 'vitest';
import { type Architecture, architectures } from '../../src/checkpoint/architectures.ts';
import type { BertConfig } from '../../src/checkpoint/bertConfig.ts';
import { bertTensorShapes, huggingFaceNames } from '../../src/checkpoint/bertTensors.ts';
import { findClassifierWeights, findEncoderWeights } from '../../src/checkpoint/bertWeights.ts';
import { FakeTensorSource } from '../support/fakeTensorSource.ts';
import { tinyConfig, tinyConfigs } from '../support/tinyConfig.ts';

type Shapes = ReadonlyMap<string, readonly number[]>;
const names = Object.keys(architectures) as Architecture[];
const complete = bertTensorShapes(tinyConfig);
const without = (pattern: RegExp): Shapes => new Map([...complete].filter(([name]) => !pattern.test(name)));
const find = (shapes: Shapes, config = tinyConfig) => findClassifierWeights(new FakeTensorSource(shapes), config);
const findEncoder = (shapes: Shapes, config = tinyConfig) => findEncoderWeights(new FakeTensorSource(shapes), config);

/** A checkpoint as Hugging Face names it, each name changed. */
function renamed(config: BertConfig, rename: (name: string) => string): Shapes {
  const own = huggingFaceNames(config);
  return new Map([...bertTensorShapes(config)].map(([name, shape]) => [rename(own.get(name) ?? ''), shape]));
}

const gammaAndBeta = (name: string) =>
  name.replace('LayerNorm.weight', 'LayerNorm.gamma').replace('LayerNorm.bias', 'LayerNorm.beta');
const damaged = (message: string) =>
  expect.objectContaining({ code: 'BAD_CHECKPOINT', message: expect.stringContaining(message) });

describe.each(names)('findClassifierWeights of a %s', (architecture) => {
  const config = tinyConfigs[architecture];
  const { prefix } = architectures[architecture];
  const bare = (name: string) => (name.startsWith(prefix) ? name.slice(prefix.length) : name);

  it.each<[string, (name: string) => string]>([
    ['with the names of transformers', (name) => name],
    ['without the prefix', bare],
    ['with gamma and beta', gammaAndBeta],
    ['with gamma and beta and without the prefix', (name) => bare(gammaAndBeta(name))],
    ['that was trained on several devices', (name) => `module.${name}`],
    ['inside another module', (name) => `model.${name}`],
    ['inside several, without the prefix', (name) => `net.model.${bare(name)}`],
    ['beside its head in another module', (name) => (name.startsWith(prefix) ? `model.${bare(name)}` : name)],
  ])('finds every tensor of a checkpoint %s', (_, rename) => {
    const { sourceNames } = find(renamed(config, rename), config);
    expect([...sourceNames]).toEqual([...huggingFaceNames(config)].map(([name, own]) => [name, rename(own)]));
  });
});

describe('findClassifierWeights', () => {
  it('leaves alone what pre-training added', () => {
    const more = new Map([...complete, ['cls.predictions.bias', [4000]], ['bert.embeddings.position_ids', [1, 64]]]);
    expect(find(more).sourceNames.size).toBe(complete.size);
  });

  it('says of a bare encoder that it has to be imported and trained first', () => {
    expect(() => find(without(/^classifier/))).toThrow(
      expect.objectContaining({
        code: 'NO_CLASSIFIER',
        message: expect.stringContaining('import it with "Caselight: Import Model…" and train it'),
      }),
    );
  });

  const encoder = [...complete.keys()].filter((name) => !/^classifier\.|pooler/.test(name));
  it.each(encoder)('misses %s', (name) => {
    expect(() => find(new Map([...complete].filter(([other]) => other !== name)))).toThrow(
      damaged(`no tensor ${name}:`),
    );
  });

  it.each(['classifier.weight', 'classifier.bias', 'bert.pooler.dense.weight', 'bert.pooler.dense.bias'])(
    'takes a head without %s for damaged, not for missing',
    (name) => {
      const half = new Map([...complete].filter(([other]) => other !== name));
      expect(() => find(half)).toThrow(damaged(`no tensor ${name}:`));
    },
  );

  it.each<[string, number[], string]>([
    ['bert.embeddings.word_embeddings.weight', [4001, 8], 'with shape [4001, 8], config.json asks for [20, 8]'],
    ['bert.encoder.layer.1.intermediate.dense.weight', [8, 16], 'with shape [8, 16], config.json asks for [16, 8]'],
    ['bert.embeddings.LayerNorm.bias', [8, 1], 'with shape [8, 1], config.json asks for [8]'],
    ['classifier.bias', [2], 'with shape [2], config.json asks for [3]'],
  ])('refuses %s of another shape', (name, shape, message) => {
    expect(() => find(new Map([...complete, [name, shape]]))).toThrow(damaged(message));
  });

  it('prefers the model by its usual name among several', () => {
    const others = renamed(tinyConfig, (name) => `teacher.${name}`);
    expect([...find(new Map([...others, ...complete])).sourceNames.values()]).toEqual([...complete.keys()]);
  });

  it('does not guess which of several models to take', () => {
    const two = ['teacher', 'student'].flatMap((owner) => [...renamed(tinyConfig, (name) => `${owner}.${name}`)]);
    expect(() => find(new Map(two))).toThrow(damaged('several encoders (teacher.bert., student.bert.)'));
  });
});

describe('findEncoderWeights', () => {
  it.each<[string, RegExp, readonly string[]]>([
    ['nothing of a classifier', /nothing/, []],
    ['the classifier', /^classifier/, ['classifier.weight', 'classifier.bias']],
    [
      'the classifier too where there is no pooler: it is one of single words',
      /pooler/,
      ['bert.pooler.dense.weight', 'bert.pooler.dense.bias', 'classifier.weight', 'classifier.bias'],
    ],
  ])('misses %s', (_, pattern, missing) => {
    const found = findEncoder(without(pattern));
    expect(found.missing).toEqual(missing);
    expect([...found.sourceNames.keys()]).toEqual([...complete.keys()].filter((name) => !missing.includes(name)));
  });

  it('misses the classifier of a checkpoint for another task, whatever its shape', () => {
    const config = { ...tinyConfig, isTextClassifier: false };
    const other = new Map([...complete, ['classifier.weight', [1, 8]]]) as Shapes;
    expect(findEncoder(other, config).missing).toEqual(['classifier.weight', 'classifier.bias']);
  });
});
