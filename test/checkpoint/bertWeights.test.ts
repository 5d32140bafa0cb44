import { describe, expect, it } from 'vitest';
import { bertTensorShapes } from '../../src/checkpoint/bertTensors.ts';
import { findClassifierWeights, findEncoderWeights } from '../../src/checkpoint/bertWeights.ts';
import { FakeTensorSource } from '../support/fakeTensorSource.ts';
import { tinyConfig } from '../support/tinyConfig.ts';

type Shapes = ReadonlyMap<string, readonly number[]>;
const complete = bertTensorShapes(tinyConfig);
const renamed = (rename: (name: string) => string): Shapes =>
  new Map([...complete].map(([name, shape]) => [rename(name), shape]));
const without = (pattern: RegExp): Shapes => new Map([...complete].filter(([name]) => !pattern.test(name)));
const find = (shapes: Shapes) => findClassifierWeights(new FakeTensorSource(shapes), tinyConfig);

const gammaAndBeta = (name: string) =>
  name.replace('LayerNorm.weight', 'LayerNorm.gamma').replace('LayerNorm.bias', 'LayerNorm.beta');
const noPrefix = (name: string) => name.replace('bert.', '');

describe('findClassifierWeights', () => {
  it.each<[string, (name: string) => string]>([
    ['with the canonical names', (name) => name],
    ['without the prefix', noPrefix],
    ['with gamma and beta', gammaAndBeta],
    ['with gamma and beta and without the prefix', (name) => noPrefix(gammaAndBeta(name))],
  ])('finds every tensor of a checkpoint %s', (_, rename) => {
    const { sourceNames } = find(renamed(rename));
    expect([...sourceNames]).toEqual([...complete.keys()].map((name) => [name, rename(name)]));
  });

  it('leaves alone what pre-training added', () => {
    const more = new Map([...complete, ['cls.predictions.bias', [4000]], ['bert.embeddings.position_ids', [1, 64]]]);
    expect(find(more).sourceNames.size).toBe(complete.size);
  });

  it('says of a bare encoder that it has to be fine-tuned first', () => {
    expect(() => find(without(/^classifier/))).toThrow(
      expect.objectContaining({ code: 'NO_CLASSIFIER', message: expect.stringContaining('fine-tune it first') }),
    );
  });

  it.each([...complete.keys()].filter((name) => !name.startsWith('classifier.')))('misses %s', (name) => {
    expect(() => find(new Map([...complete].filter(([other]) => other !== name)))).toThrow(
      expect.objectContaining({ code: 'BAD_CHECKPOINT', message: expect.stringContaining(`no tensor ${name}:`) }),
    );
  });

  it('misses the bias of a classifier', () => {
    expect(() => find(without(/^classifier.bias/))).toThrow(expect.objectContaining({ code: 'BAD_CHECKPOINT' }));
  });

  it.each<[string, number[], string]>([
    ['bert.embeddings.word_embeddings.weight', [4001, 8], 'with shape [4001, 8], config.json asks for [20, 8]'],
    ['bert.encoder.layer.1.intermediate.dense.weight', [8, 16], 'with shape [8, 16], config.json asks for [16, 8]'],
    ['bert.embeddings.LayerNorm.bias', [8, 1], 'with shape [8, 1], config.json asks for [8]'],
    ['classifier.bias', [2], 'with shape [2], config.json asks for [3]'],
  ])('refuses %s of another shape', (name, shape, message) => {
    expect(() => find(new Map([...complete, [name, shape]]))).toThrow(
      expect.objectContaining({ code: 'BAD_CHECKPOINT', message: expect.stringContaining(message) }),
    );
  });
});

describe('findEncoderWeights', () => {
  const findEncoder = (shapes: Shapes) => findEncoderWeights(new FakeTensorSource(shapes), tinyConfig).sourceNames;

  it('finds the encoder and the pooler of a checkpoint without a head', () => {
    expect(findEncoder(without(/^classifier/)).size).toBe(complete.size - 2);
  });

  it('does without a pooler', () => {
    expect(findEncoder(without(/^classifier|pooler/)).size).toBe(complete.size - 4);
  });

  it('refuses half a pooler', () => {
    expect(() => findEncoder(without(/pooler.dense.bias/))).toThrow(
      expect.objectContaining({ code: 'BAD_CHECKPOINT' }),
    );
  });
});
