import { describe, expect, it } from 'vitest';
import { parseBertConfig } from '../../src/checkpoint/bertConfig.ts';

const valid = {
  model_type: 'bert',
  hidden_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 3,
  intermediate_size: 48,
  max_position_embeddings: 64,
  vocab_size: 4000,
  type_vocab_size: 2,
  layer_norm_eps: 1e-12,
  hidden_act: 'gelu',
  id2label: { 0: 'D/LT', 1: 'Non-serious', 2: 'Serious' },
};
const parse = (change: Record<string, unknown> = {}) => parseBertConfig(JSON.stringify({ ...valid, ...change }));

describe('parseBertConfig', () => {
  it('reads every field', () => {
    expect(parse()).toEqual({
      hiddenSize: 24,
      layerCount: 2,
      headCount: 3,
      intermediateSize: 48,
      maxPositions: 64,
      vocabSize: 4000,
      typeVocabSize: 2,
      layerNormEps: 1e-12,
      hiddenAct: 'gelu',
      labels: ['D/LT', 'Non-serious', 'Serious'],
    });
  });

  it('gives what old checkpoints leave out the defaults of transformers', () => {
    const absent = undefined;
    const config = parse({
      model_type: absent,
      max_position_embeddings: absent,
      type_vocab_size: absent,
      layer_norm_eps: absent,
      hidden_act: absent,
    });
    expect(config).toMatchObject({ maxPositions: 512, typeVocabSize: 2, layerNormEps: 1e-12, hiddenAct: 'gelu' });
  });

  it('reads a file that begins with a byte order mark', () => {
    expect(parseBertConfig(`\uFEFF${JSON.stringify(valid)}`).hiddenSize).toBe(24);
  });

  it('orders labels by id, not by their place in the file', () => {
    const text = JSON.stringify(valid).replace(/"id2label":\{.*?\}/, '"id2label":{"1":"b","0":"a"}');
    expect(parseBertConfig(text).labels).toEqual(['a', 'b']);
  });

  it.each([
    ['neither id2label nor num_labels', {}, ['LABEL_0', 'LABEL_1']],
    ['num_labels alone', { num_labels: 3 }, ['LABEL_0', 'LABEL_1', 'LABEL_2']],
  ])('names the labels as transformers does, given %s', (_, change, labels) => {
    expect(parse({ id2label: undefined, ...change }).labels).toEqual(labels);
  });

  it.each([
    ['gelu', 'gelu'],
    ['gelu_python', 'gelu'],
    ['gelu_new', 'gelu_new'],
    ['gelu_fast', 'gelu_new'],
    ['gelu_accurate', 'gelu_new'],
    ['gelu_pytorch_tanh', 'gelu_new'],
    ['relu', 'relu'],
  ])('takes the activation %s for %s', (name, activation) => {
    expect(parse({ hidden_act: name }).hiddenAct).toBe(activation);
  });

  it.each([
    ['another model type', { model_type: 'distilbert' }, 'distilbert'],
    ['relative positions', { position_embedding_type: 'relative_key' }, 'relative_key'],
    ['another activation', { hidden_act: 'silu' }, 'silu'],
    ['a decoder', { is_decoder: true }, 'decoder'],
    ['several labels a text', { problem_type: 'multi_label_classification' }, 'multi_label_classification'],
    ['regression', { problem_type: 'regression' }, 'regression'],
  ])('does not support %s, and says what it met', (_, change, found) => {
    expect(() => parse(change)).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED_MODEL', message: expect.stringContaining(found) }),
    );
  });

  it.each([
    ['a missing size', { hidden_size: undefined }, 'hidden_size is missing'],
    ['a size that is text', { vocab_size: '4000' }, 'vocab_size'],
    ['a size of zero', { num_hidden_layers: 0 }, 'num_hidden_layers'],
    ['a fractional size', { intermediate_size: 1.5 }, 'intermediate_size'],
    ['heads that do not divide the hidden size', { num_attention_heads: 5 }, 'not a multiple'],
    ['a negative epsilon', { layer_norm_eps: -1 }, 'layer_norm_eps'],
    ['a gap in the ids', { id2label: { 0: 'a', 2: 'b' } }, 'the id 1'],
    ['ids that start at one', { id2label: { 1: 'a', 2: 'b' } }, 'the id 0'],
    ['a label that is no text', { id2label: { 0: 'a', 1: 7 } }, 'the id 1'],
    ['the same label twice', { id2label: { 0: 'a', 1: 'a' } }, 'same label'],
    ['a single label', { id2label: { 0: 'a' } }, 'fewer than two'],
    ['labels that are no object', { id2label: 'a' }, 'id2label'],
    ['counts that disagree', { num_labels: 2 }, 'num_labels is 2'],
    ['a count of labels that is text', { id2label: undefined, num_labels: '3' }, 'num_labels'],
  ])('refuses %s', (_, change, message) => {
    expect(() => parse(change)).toThrow(
      expect.objectContaining({ code: 'BAD_CONFIG', message: expect.stringContaining(message) }),
    );
  });

  it.each([['{"hidden_size": '], ['[]'], ['null'], ['']])('refuses the text %j', (text) => {
    expect(() => parseBertConfig(text)).toThrow(expect.objectContaining({ code: 'BAD_CONFIG' }));
  });
});
