import type { BertConfig } from '../checkpoint/bertConfig.ts';
import { bertNames, encoderLayerNames } from '../checkpoint/bertTensors.ts';
import { addActivation } from './activation.ts';
import { GraphBuilder, type Value } from './graphBuilder.ts';
import { type AddLinears, type TensorTable, tensorNamed } from './linearLayers.ts';
import type { OnnxModel } from './onnxModel.ts';

/**
 * A sequence classifier of BERT's kind over packed sequences. T tokens of B texts stand one after the other without padding;
 * only attention sees them as [B, S], S being the longest text. The last layer computes what the classifier reads, [CLS].
 *
 * Inputs, all int32: `input_ids` [T]; `position_ids` [T], from 0 in each text; `pad_index` [B, S], the token at each place of
 * the padded batch (any token where there is none); `unpad_index` [T], the place of each token in the flattened padded batch;
 * `lengths` [B]; `cls_index` [B], the first token of each text. Output: `logits` [B, labels], float.
 *
 * @param tensors the weights under the names of `bertTensorShapes`, and what `linears` asks for
 * @param linears how the linear layers of the encoder and the pooler are computed
 */
export function buildBertGraph(config: BertConfig, tensors: TensorTable, linears: AddLinears): OnnxModel {
  const graph = new GraphBuilder('bert');
  const bert = new PackedBert(graph, config, tensors, linears);
  let hidden = bert.embeddings();
  for (let layer = 0; layer < config.layerCount - 1; layer++) hidden = bert.encoderLayer(layer, hidden);
  bert.head(bert.lastEncoderLayer(config.layerCount - 1, hidden));
  return graph.build();
}

/** The parts of the network. Shapes: H hidden size, T tokens, B texts, S tokens of the longest text. */
class PackedBert {
  private readonly inputIds: Value;
  private readonly positionIds: Value;
  private readonly padIndex: Value;
  private readonly unpadIndex: Value;
  private readonly lengths: Value;
  private readonly clsIndex: Value;

  constructor(
    private readonly graph: GraphBuilder,
    private readonly config: BertConfig,
    private readonly tensors: TensorTable,
    private readonly linears: AddLinears,
  ) {
    this.inputIds = graph.input('input_ids', 'int32', ['T']);
    this.positionIds = graph.input('position_ids', 'int32', ['T']);
    this.padIndex = graph.input('pad_index', 'int32', ['B', 'S']);
    this.unpadIndex = graph.input('unpad_index', 'int32', ['T']);
    this.lengths = graph.input('lengths', 'int32', ['B']);
    this.clsIndex = graph.input('cls_index', 'int32', ['B']);
  }

  /** [T, H]. Every token is of type 0: a text is one segment. */
  embeddings(): Value {
    const { graph, config } = this;
    const words = this.rows(bertNames.wordEmbeddings, this.inputIds);
    let sum = graph.node('Add', [words, this.rows(bertNames.positionEmbeddings, this.positionRows())]);
    if (config.typeVocabSize > 0) {
      sum = graph.node('Add', [sum, this.rows(bertNames.tokenTypeEmbeddings, graph.int64(0))]);
    }
    const normed = this.norm(sum, bertNames.embeddingNorm);
    return config.embeddingSize === config.hiddenSize ? normed : this.linear(normed, bertNames.embeddingProjection);
  }

  /** [T, H] to [T, H]. */
  encoderLayer(layer: number, hidden: Value): Value {
    const names = encoderLayerNames(layer);
    const [query = '', key = '', value = ''] = this.linears(this.graph, hidden, [names.query, names.key, names.value]);
    const context = this.attention(this.padded(query), this.padded(key), this.padded(value));
    return this.afterAttention(layer, hidden, this.gather(context, this.unpadIndex));
  }

  /** [T, H] to [B, H]: keys and values of every token, but queries, and all that follows, of the first token of each text. */
  lastEncoderLayer(layer: number, hidden: Value): Value {
    const { graph, linears } = this;
    const names = encoderLayerNames(layer);
    const cls = this.gather(hidden, this.clsIndex);
    const [query = ''] = linears(graph, cls, [names.query]);
    const [key = '', value = ''] = linears(graph, hidden, [names.key, names.value]);
    const queries = graph.node('Unsqueeze', [query, graph.int64([1])]);
    return this.afterAttention(layer, cls, this.attention(queries, this.padded(key), this.padded(value)));
  }

  /** [B, H] to the output `logits`. */
  head(cls: Value): void {
    const { graph, config, linears } = this;
    const [pooled = ''] = linears(graph, cls, [bertNames.pooler]);
    const logits = this.linear(addActivation(graph, config.headActivation, pooled), bertNames.classifier, 'logits');
    graph.output(logits, 'float', ['B', config.labels.length]);
  }

  /** [T]: the row of the position embeddings for each token. */
  private positionRows(): Value {
    const { graph, config, positionIds } = this;
    return config.positionOffset === 0
      ? positionIds
      : graph.node('Add', [positionIds, graph.int32(config.positionOffset)]);
  }

  /** A linear layer in float32, whatever the precision of the others: it is small, and much depends on it. */
  private linear(x: Value, name: string, output?: string): Value {
    const inputs = [x, this.weight(`${name}.weight`), this.weight(`${name}.bias`)];
    return this.graph.node('Gemm', inputs, { transB: { int: 1 } }, output);
  }

  private afterAttention(layer: number, hidden: Value, context: Value): Value {
    const { graph, config, linears } = this;
    const names = encoderLayerNames(layer);
    const [attended = ''] = linears(graph, context, [names.attentionOutput]);
    const residual = this.norm(graph.node('Add', [attended, hidden]), names.attentionNorm);
    const [intermediate = ''] = linears(graph, residual, [names.intermediate]);
    const [output = ''] = linears(graph, addActivation(graph, config.hiddenAct, intermediate), [names.output]);
    return this.norm(graph.node('Add', [output, residual]), names.outputNorm);
  }

  /** [B, queries, H] and twice [B, S, H] to [B * queries, H]. */
  private attention(query: Value, key: Value, value: Value): Value {
    const { graph, config } = this;
    const context = graph.microsoft('MultiHeadAttention', [query, key, value, '', this.lengths], {
      num_heads: { int: config.headCount },
    });
    return graph.node('Reshape', [context, graph.int64([-1, config.hiddenSize])]);
  }

  private padded(x: Value): Value {
    return this.gather(x, this.padIndex);
  }

  private gather(x: Value, index: Value): Value {
    return this.graph.node('Gather', [x, index], { axis: { int: 0 } });
  }

  /** Rows of an embedding table, in float32 whatever the table is stored in. */
  private rows(name: string, index: Value): Value {
    const rows = this.gather(this.weight(name), index);
    return tensorNamed(this.tensors, name).dataType === 'float'
      ? rows
      : this.graph.node('Cast', [rows], { to: { int: 1 } });
  }

  private norm(x: Value, name: string): Value {
    return this.graph.node('LayerNormalization', [x, this.weight(`${name}.weight`), this.weight(`${name}.bias`)], {
      axis: { int: -1 },
      epsilon: { float: this.config.layerNormEps },
    });
  }

  private weight(name: string): Value {
    return this.graph.initializer(tensorNamed(this.tensors, name));
  }
}
