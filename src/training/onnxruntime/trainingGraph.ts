import type { BertConfig } from '../../checkpoint/bertConfig.ts';
import { bertNames, bertTensorShapes, encoderLayerNames } from '../../checkpoint/bertTensors.ts';
import { firstTrainedLayer, type TrainingScope } from '../../core/training/trainingRecipe.ts';
import { GraphBuilder, type Value } from '../../onnx/graphBuilder.ts';
import type { OnnxModel } from '../../onnx/onnxModel.ts';
import { type AttentionInputs, attention } from './attention.ts';
import { type DropoutSite, gradientName, type Taped, TapedGraph } from './tapedGraph.ts';

/** A graph that computes the loss of a batch and its gradients, or, without `backward`, the logits alone. */
export interface TrainingGraph {
  readonly model: OnnxModel;
  /** Weights that it takes as inputs, under their names. */
  readonly weights: readonly string[];
  /** Weights whose gradients are the outputs `gradientName(name)`, in their shapes, with their sums of squares. */
  readonly gradients: readonly string[];
  /** In the order in which the masks are drawn. */
  readonly dropoutSites: readonly DropoutSite[];
}

/** Output, a scalar, of the sum of squares of the gradient of a weight. */
export const squaresOutput = (name: string): string => `d² ${name}`;

/** [T, embedding size]: the gradient of the sum of the three embeddings, whose rows the tables' gradients are sums of. */
export const EMBEDDING_GRADIENT = 'd embeddings';

/** What the graph is to compute. */
export interface TrainingGraphOptions {
  readonly scope: TrainingScope;
  readonly dropout: number;
  readonly backward: boolean;
}

/**
 * Writes the trained part of a classifier, forward and backward, over packed sequences: T tokens of B texts stand one after
 * the other without padding, and only attention sees them as [B, S]. The last layer computes what the classifier reads, [CLS].
 *
 * Inputs: the weights; `frozen` [T, H] or [B, H], see `EncodedBatch`, or else `input_ids`, `position_ids` [T] int32; those of
 * `AttentionInputs`; `cls_index` [B] int32; with `backward` also `targets` [B, labels], a text's share in the loss at its class,
 * `shares` [B, 1], and a mask for each of `dropoutSites`.
 * Outputs: `logits` [B, labels]; with `backward` also `loss`, the gradients and their sums of squares.
 */
export function buildTrainingGraph(config: BertConfig, options: TrainingGraphOptions): TrainingGraph {
  return new Writer(config, options).write();
}

/** A graph that computes the first layers of a classifier. */
export interface FrozenGraph {
  readonly model: OnnxModel;
  /** Weights that it takes as inputs, under their names. */
  readonly weights: readonly string[];
}

/**
 * Writes the embeddings and the first layers, without dropout. Inputs as of `buildTrainingGraph`; output `hidden`: [T, H], or with
 * all layers [B, H], at [CLS].
 * @param layers 0 to all
 */
export function buildFrozenGraph(config: BertConfig, layers: number): FrozenGraph {
  return new Writer(config, { scope: 'full', dropout: 0, backward: false }).writeFrozen(layers);
}

class Writer {
  private readonly graph = new GraphBuilder('bert-training');
  private readonly tape: TapedGraph;
  private readonly first: number;

  constructor(
    private readonly config: BertConfig,
    private readonly options: TrainingGraphOptions,
  ) {
    this.tape = new TapedGraph(this.graph, bertTensorShapes(config), options.backward ? options.dropout : 0);
    this.first = firstTrainedLayer(options.scope, config.layerCount);
  }

  write(): TrainingGraph {
    const { graph, tape, config, first } = this;
    const parts: ((gradient: Value) => Value)[] = [];
    let hidden: Value;
    if (this.options.scope === 'full') {
      const embedded = this.embeddings();
      parts.push(embedded.backward);
      hidden = embedded.value;
    } else {
      hidden = graph.input('frozen', 'float', [first === config.layerCount ? 'B' : 'T', config.hiddenSize]);
    }
    hidden = this.layers(hidden, first, config.layerCount, parts);
    const head = this.head(hidden);
    graph.node('Identity', [head.value], {}, 'logits');
    graph.output('logits', 'float', ['B', config.labels.length]);
    if (this.options.backward) {
      let gradient = head.backward(this.loss(head.value));
      for (const backward of parts.reverse()) gradient = backward(gradient);
      this.declareGradients(this.options.scope === 'full' ? gradient : undefined);
    }
    return {
      model: graph.build(),
      weights: [...tape.weights],
      gradients: [...tape.gradients],
      dropoutSites: tape.dropoutSites,
    };
  }

  writeFrozen(count: number): FrozenGraph {
    const { graph, tape, config } = this;
    const hidden = this.layers(this.embeddings().value, 0, count, []);
    graph.node('Identity', [hidden], {}, 'hidden');
    graph.output('hidden', 'float', [count === config.layerCount ? 'B' : 'T', config.hiddenSize]);
    return { model: graph.build(), weights: [...tape.weights] };
  }

  /** Layers `first` to `end`, the last of all layers for [CLS] only; adds their backward passes to `parts`. */
  private layers(input: Value, first: number, end: number, parts: ((gradient: Value) => Value)[]): Value {
    if (first === end) return input;
    const { graph, config } = this;
    const inputs = this.attentionInputs();
    const clsIndex = end === config.layerCount ? graph.input('cls_index', 'int32', ['B']) : '';
    let hidden = input;
    for (let layer = first; layer < end; layer++) {
      const isLast = layer === config.layerCount - 1;
      const added = isLast ? this.lastLayer(layer, hidden, inputs, clsIndex) : this.layer(layer, hidden, inputs);
      parts.push(added.backward);
      hidden = added.value;
    }
    return hidden;
  }

  /** [T, H]. The gradient that `backward` gives is that of the sum of the embeddings, before their norm. */
  private embeddings(): Taped {
    const { graph, tape, config } = this;
    const rows = (table: string, index: Value) =>
      graph.node('Gather', [tape.weight(table), index], { axis: { int: 0 } });
    const words = rows(bertNames.wordEmbeddings, graph.input('input_ids', 'int32', ['T']));
    let sum = graph.node('Add', [
      words,
      rows(bertNames.positionEmbeddings, graph.input('position_ids', 'int32', ['T'])),
    ]);
    if (config.typeVocabSize > 0) {
      sum = graph.node('Add', [sum, rows(bertNames.tokenTypeEmbeddings, graph.int64(0))]);
    }
    const normed = tape.norm(sum, bertNames.embeddingNorm, config.layerNormEps);
    const dropped = tape.dropout(normed.value, {
      name: 'embeddings.dropout',
      shape: 'tokens',
      width: config.embeddingSize,
    });
    if (config.embeddingSize === config.hiddenSize) {
      return { value: dropped.value, backward: (gradient) => normed.backward(dropped.backward(gradient)) };
    }
    const projected = tape.linear(dropped.value, bertNames.embeddingProjection);
    return {
      value: projected.value,
      backward: (gradient) => normed.backward(dropped.backward(projected.backward(gradient))),
    };
  }

  /** [T, H] to [T, H]. */
  private layer(layer: number, hidden: Value, inputs: AttentionInputs): Taped {
    const { graph, tape } = this;
    const names = encoderLayerNames(layer);
    const query = tape.linear(hidden, names.query);
    const key = tape.linear(hidden, names.key);
    const value = tape.linear(hidden, names.value);
    const attended = attention(tape, [query.value, key.value, value.value], inputs, {
      queries: 'all',
      name: `layer ${layer}`,
    });
    const rest = this.afterAttention(layer, attended.value, hidden, 'tokens');
    return {
      value: rest.value,
      backward: (gradient) => {
        const { context, residual } = rest.backward(gradient);
        const [dQuery, dKey, dValue] = attended.backward(context);
        const sum = graph.node('Add', [query.backward(dQuery), key.backward(dKey)]);
        return graph.node('Add', [graph.node('Add', [sum, value.backward(dValue)]), residual]);
      },
    };
  }

  /** [T, H] to [B, H]: keys and values of every token, queries and all that follows of the first token of each text. */
  private lastLayer(layer: number, hidden: Value, inputs: AttentionInputs, clsIndex: Value): Taped {
    const { graph, tape } = this;
    const names = encoderLayerNames(layer);
    const cls = graph.node('Gather', [hidden, clsIndex], { axis: { int: 0 } });
    const query = tape.linear(cls, names.query);
    const key = tape.linear(hidden, names.key);
    const value = tape.linear(hidden, names.value);
    const attended = attention(tape, [query.value, key.value, value.value], inputs, {
      queries: 'cls',
      name: `layer ${layer}`,
    });
    const rest = this.afterAttention(layer, attended.value, cls, 'texts');
    return {
      value: rest.value,
      backward: (gradient) => {
        const { context, residual } = rest.backward(gradient);
        const [dQuery, dKey, dValue] = attended.backward(context);
        const atCls = graph.node('Add', [query.backward(dQuery), residual]);
        const everywhere = graph.node('Add', [key.backward(dKey), value.backward(dValue)]);
        const rows = graph.node('Unsqueeze', [graph.node('Cast', [clsIndex], { to: { int: 7 } }), graph.int64([1])]);
        return graph.node('ScatterND', [everywhere, rows, atCls], { reduction: { string: 'add' } });
      },
    };
  }

  /** What follows attention in a layer: from its context and the layer's input, which is added to it, to its output. */
  private afterAttention(layer: number, context: Value, input: Value, shape: 'tokens' | 'texts') {
    const { graph, tape, config } = this;
    const names = encoderLayerNames(layer);
    const sublayer = (name: string): DropoutSite => ({
      name: `layer ${layer}.${name}`,
      shape,
      width: config.hiddenSize,
    });
    const attended = tape.linear(context, names.attentionOutput);
    const attendedDropped = tape.dropout(attended.value, sublayer('attention'));
    const between = tape.norm(
      graph.node('Add', [attendedDropped.value, input]),
      names.attentionNorm,
      config.layerNormEps,
    );
    const intermediate = tape.linear(between.value, names.intermediate);
    const activated = tape.activation(intermediate.value, config.hiddenAct);
    const output = tape.linear(activated.value, names.output);
    const outputDropped = tape.dropout(output.value, sublayer('output'));
    const normed = tape.norm(
      graph.node('Add', [outputDropped.value, between.value]),
      names.outputNorm,
      config.layerNormEps,
    );
    return {
      value: normed.value,
      backward: (gradient: Value): { readonly context: Value; readonly residual: Value } => {
        const dSum = normed.backward(gradient);
        const dActivated = output.backward(outputDropped.backward(dSum));
        const dBetween = intermediate.backward(activated.backward(dActivated));
        const residual = between.backward(graph.node('Add', [dBetween, dSum]));
        return { context: attended.backward(attendedDropped.backward(residual)), residual };
      },
    };
  }

  /** [B, H] to [B, labels]. */
  private head(cls: Value): Taped {
    const { tape, config } = this;
    const pooler = tape.linear(cls, bertNames.pooler);
    const activated = tape.activation(pooler.value, config.headActivation);
    const dropped = tape.dropout(activated.value, { name: 'head.dropout', shape: 'texts', width: config.hiddenSize });
    const classifier = tape.linear(dropped.value, bertNames.classifier);
    return {
      value: classifier.value,
      backward: (gradient) => pooler.backward(activated.backward(dropped.backward(classifier.backward(gradient)))),
    };
  }

  /** Declares the output `loss`; gives the gradient of the logits: share times (softmax - one-hot). */
  private loss(logits: Value): Value {
    const { graph, config } = this;
    const targets = graph.input('targets', 'float', ['B', config.labels.length]);
    const shares = graph.input('shares', 'float', ['B', 1]);
    const logProbabilities = graph.node('LogSoftmax', [logits], { axis: { int: -1 } });
    const likelihood = graph.node('ReduceSum', [graph.node('Mul', [logProbabilities, targets])], {
      keepdims: { int: 0 },
    });
    graph.node('Neg', [likelihood], {}, 'loss');
    graph.output('loss', 'float', []);
    const expected = graph.node('Mul', [graph.node('Exp', [logProbabilities]), shares]);
    return graph.node('Sub', [expected, targets]);
  }

  private declareGradients(embeddings: Value | undefined): void {
    const { graph, tape, config } = this;
    const shapes = bertTensorShapes(config);
    for (const name of tape.gradients) {
      graph.output(gradientName(name), 'float', shapes.get(name) ?? []);
      graph.node('ReduceSumSquare', [gradientName(name)], { keepdims: { int: 0 } }, squaresOutput(name));
      graph.output(squaresOutput(name), 'float', []);
    }
    if (embeddings === undefined) return;
    graph.node('Identity', [embeddings], {}, EMBEDDING_GRADIENT);
    graph.output(EMBEDDING_GRADIENT, 'float', ['T', config.embeddingSize]);
  }

  private attentionInputs(): AttentionInputs {
    const { graph, config } = this;
    return {
      headCount: config.headCount,
      hiddenSize: config.hiddenSize,
      padIndex: graph.input('pad_index', 'int32', ['B', 'S']),
      unpadIndex: graph.input('unpad_index', 'int32', ['T']),
      keyMask: graph.input('key_mask', 'float', ['B', 1, 1, 'S']),
      tokenMask: graph.input('token_mask', 'float', ['B', 1, 'S', 1]),
    };
  }
}
