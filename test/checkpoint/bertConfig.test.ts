import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBertConfig } from '../../src/checkpoint/bertConfig.ts';
import { UserError } from '../../src/core/userError.ts';

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
      architecture: 'bert',
      embeddingSize: 24,
      hiddenSize: 24,
      layerCount: 2,
      headCount: 3,
      intermediateSize: 48,
      maxPositions: 64,
      positionOffset: 0,
      vocabSize: 4000,
      typeVocabSize: 2,
      layerNormEps: 1e-12,
      hiddenAct: 'gelu',
      headActivation: 'tanh',
      isTextClassifier: true,
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

  it('reads what DistilBERT calls otherwise, and leaves out what it does not have', () => {
    const { model_type: _, hidden_size, num_hidden_layers, num_attention_heads, intermediate_size, ...rest } = valid;
    const own = { dim: 24, n_layers: 2, n_heads: 3, hidden_dim: 48, activation: 'relu' };
    const config = parseBertConfig(JSON.stringify({ ...rest, ...own, model_type: 'distilbert', layer_norm_eps: 0.1 }));
    expect(config).toEqual({
      ...parse(),
      architecture: 'distilbert',
      typeVocabSize: 0,
      hiddenAct: 'relu',
      headActivation: 'relu',
    });
  });

  it.each([
    ['as wide as it says', { embedding_size: 12 }, 12],
    ['128 wide where it does not say it', {}, 128],
  ])("takes ELECTRA's embeddings to be %s", (_, change, embeddingSize) => {
    const config = parse({ model_type: 'electra', ...change });
    expect(config).toEqual({ ...parse(), architecture: 'electra', embeddingSize, headActivation: 'gelu' });
  });

  it.each([
    ['behind its padding token', { pad_token_id: 3, max_position_embeddings: 68 }, 4],
    ['behind the token 1, where it does not say which is padding', { max_position_embeddings: 66 }, 2],
  ])("counts RoBERTa's positions from %s", (_, change, positionOffset) => {
    const config = parse({ model_type: 'roberta', type_vocab_size: 1, ...change });
    expect(config).toEqual({ ...parse(), architecture: 'roberta', positionOffset, typeVocabSize: 1 });
  });

  it.each([
    ['BertForSequenceClassification', true],
    ['BertModel', true],
    ['MyOwnClassifier', true],
    ['BertForTokenClassification', false],
    ['RobertaForMultipleChoice', false],
    ['DistilBertForQuestionAnswering', false],
  ])('knows by its class %s whether a head is one for texts: %s', (name, isTextClassifier) => {
    expect(parse({ architectures: [name] }).isTextClassifier).toBe(isTextClassifier);
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
    ['another model type', { model_type: 'xlm-roberta' }, 'a model of type xlm-roberta'],
    ['a model type that every object has', { model_type: 'toString' }, 'a model of type toString'],
    ['a model type that is no text', { model_type: { toString: 1 } }, 'a model of type {"toString":1}'],
    ['any other, and says which it does', { model_type: 'albert' }, 'model_type bert, distilbert, electra, roberta'],
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
    ['more layers than there can be', { num_hidden_layers: 1e9 }, 'num_hidden_layers is 1000000000'],
    ['no position for a text', { model_type: 'roberta', max_position_embeddings: 3 }, 'no room for a text'],
    ['a padding token that is no id', { model_type: 'roberta', pad_token_id: -1 }, 'pad_token_id'],
    ['a DistilBERT without its width', { model_type: 'distilbert' }, 'dim is missing'],
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

  it('answers whatever a damaged file says with a configuration or a UserError', () => {
    const value = fc.oneof(fc.jsonValue(), fc.integer(), fc.constantFrom('bert', 'distilbert', 'electra', 'roberta'));
    const changes = fc.dictionary(fc.constantFrom(...Object.keys(valid), 'dim', 'n_layers', 'architectures'), value);
    fc.assert(
      fc.property(changes, (change) => {
        try {
          expect(parse(change).layerCount).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }),
    );
  });

  it.each([['{"hidden_size": '], ['[]'], ['null'], ['']])('refuses the text %j', (text) => {
    expect(() => parseBertConfig(text)).toThrow(expect.objectContaining({ code: 'BAD_CONFIG' }));
  });
});
