import { describe, expect, it } from 'vitest';
import { tensorflowName } from '../../../src/checkpoint/tensorflow/tensorflowH5Names.ts';

const model = 'tf_bert_for_sequence_classification';

describe('tensorflowName', () => {
  it.each<[string, string, boolean]>([
    [
      `/bert/${model}/bert/encoder/layer_._0/attention/self/query/kernel:0`,
      'bert.encoder.layer.0.attention.self.query.weight',
      true,
    ],
    [
      `/bert/${model}/bert/encoder/layer_._11/attention/self/query/bias:0`,
      'bert.encoder.layer.11.attention.self.query.bias',
      false,
    ],
    [
      `/bert/${model}/bert/encoder/layer_._1/output/LayerNorm/gamma:0`,
      'bert.encoder.layer.1.output.LayerNorm.weight',
      false,
    ],
    [`/bert/${model}/bert/embeddings/LayerNorm/beta:0`, 'bert.embeddings.LayerNorm.bias', false],
    [`/bert/${model}/bert/embeddings/word_embeddings/weight:0`, 'bert.embeddings.word_embeddings.weight', false],
    [
      `/bert/${model}/bert/embeddings/position_embeddings/embeddings:0`,
      'bert.embeddings.position_embeddings.weight',
      false,
    ],
    [`/classifier/${model}/classifier/kernel:0`, 'classifier.weight', true],
    [`/classifier/${model}_1/classifier/bias:0`, 'classifier.bias', false],
    [`/bert/${model}_3/bert/pooler/dense/kernel:0`, 'bert.pooler.dense.weight', true],
    [`/bert_1/${model}/bert_1/pooler/dense/bias:0`, 'bert.pooler.dense.bias', false],
    ['/bert/bert/pooler/dense/kernel:0', 'bert.pooler.dense.weight', true],
    ['/classifier/classifier/kernel:0', 'classifier.weight', true],
    ['/classifier/kernel:0', 'classifier.weight', true],
    ['/model_weights/classifier/classifier/kernel:0', 'classifier.weight', true],
    ['/tf_bert_model/tf_bert_model/bert/pooler/dense/bias:0', 'bert.pooler.dense.bias', false],
    ['/nsp___cls/tf_bert_for_pre_training/nsp___cls/seq_relationship/kernel:0', 'cls.seq_relationship.weight', true],
    [
      '/distilbert/tf_distil_bert_for_sequence_classification/distilbert/transformer/layer_._0/attention/q_lin/kernel:0',
      'distilbert.transformer.layer.0.attention.q_lin.weight',
      true,
    ],
    [
      '/distilbert/tf_distil_bert_for_sequence_classification/distilbert/transformer/layer_._0/sa_layer_norm/gamma:0',
      'distilbert.transformer.layer.0.sa_layer_norm.weight',
      false,
    ],
    ['/pre_classifier/tf_distil_bert_for_sequence_classification/pre_classifier/bias:0', 'pre_classifier.bias', false],
    [
      '/electra/tf_electra_for_sequence_classification/electra/embeddings_project/kernel:0',
      'electra.embeddings_project.weight',
      true,
    ],
    [
      '/classifier/tf_roberta_for_sequence_classification/classifier/out_proj/kernel:0',
      'classifier.out_proj.weight',
      true,
    ],
  ])('reads %s as %s', (path, name, isTransposed) => {
    expect(tensorflowName(path)).toEqual({ name, isTransposed });
  });

  it.each([
    '/optimizer_weights/Adam/bert/pooler/dense/kernel:0',
    '/bert/optimizer/iteration:0',
    '/layers/dense/vars/0',
    '/bert/constructor',
    '/lonely',
  ])('takes %s for no weight', (path) => {
    expect(tensorflowName(path)).toBeUndefined();
  });
});
