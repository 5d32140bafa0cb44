import type { BertConfig } from '../../checkpoint/bertConfig.ts';
import { bertNames, encoderLayerNames } from '../../checkpoint/bertTensors.ts';
import { firstTrainedLayer, type TrainingScope } from '../../core/training/trainingRecipe.ts';
import { attention } from './attention.ts';
import type { DropoutSite, Operators, Taped } from './operators.ts';
import { activation, dropout, linear, norm } from './tapedOperations.ts';

/** Which part of a classifier is trained, and whether gradients are wanted. */
export interface NetworkOptions {
  readonly scope: TrainingScope;
  readonly backward: boolean;
}

/**
 * The trained part of a classifier, forward and backward, over packed sequences: the tokens of all texts stand one after the
 * other without padding, and only attention sees them padded. The last layer computes what the classifier reads, [CLS].
 *
 * Outputs `logits` [B, labels]; with `backward` also `loss`, the gradient of every weight but the tables of embeddings, and
 * where these are trained `embeddingGradient` [T, embedding size], of whose rows their gradients are sums.
 */
export function classifierNetwork<V>(
  operators: Operators<V>,
  config: BertConfig,
  { scope, backward }: NetworkOptions,
): void {
  const first = firstTrainedLayer(scope, config.layerCount);
  const parts: Taped<V>[] = [];
  if (scope === 'full') parts.push(operators.part(() => embeddings(operators, config)));
  let hidden = parts[0]?.value ?? operators.input('frozen');
  for (let layer = first; layer < config.layerCount; layer++) {
    const input = hidden;
    const part = operators.part(() => encoderLayer(operators, config, layer, input));
    parts.push(part);
    hidden = part.value;
  }
  const classified = head(operators, config, hidden);
  operators.output('logits', classified.value);
  if (!backward) return;
  let gradient = classified.backward(loss(operators, classified.value));
  for (const part of parts.reverse()) gradient = part.backward(gradient);
  if (scope === 'full') operators.output('embeddingGradient', gradient);
}

/**
 * The embeddings and the first layers of a classifier.
 * Output `hidden`: [T, H], or with all layers [B, H], at [CLS].
 * @param layers 0 to all
 */
export function frozenNetwork<V>(operators: Operators<V>, config: BertConfig, layers: number): void {
  let hidden = operators.part(() => embeddings(operators, config)).value;
  for (let layer = 0; layer < layers; layer++) {
    const input = hidden;
    hidden = operators.part(() => encoderLayer(operators, config, layer, input)).value;
  }
  operators.output('hidden', hidden);
}

/** [T, H]. The gradient that `backward` gives is that of the sum of the embeddings, before their norm. */
function embeddings<V>(operators: Operators<V>, config: BertConfig): Taped<V> {
  let sum = operators.add(
    operators.embeddings(bertNames.wordEmbeddings, 'input_ids'),
    operators.embeddings(bertNames.positionEmbeddings, 'position_ids'),
  );
  if (config.typeVocabSize > 0) sum = operators.add(sum, operators.embeddings(bertNames.tokenTypeEmbeddings));
  const normed = norm(operators, sum, bertNames.embeddingNorm, config.layerNormEps);
  const site: DropoutSite = { name: 'embeddings.dropout', shape: 'tokens', width: config.embeddingSize };
  const dropped = dropout(operators, normed.value, site);
  if (config.embeddingSize === config.hiddenSize) {
    return { value: dropped.value, backward: (gradient) => normed.backward(dropped.backward(gradient)) };
  }
  const projected = linear(operators, dropped.value, bertNames.embeddingProjection);
  return {
    value: projected.value,
    backward: (gradient) => normed.backward(dropped.backward(projected.backward(gradient))),
  };
}

/**
 * [T, H] to [T, H]; the last of all layers gives [B, H]: keys and values of every token, queries and all that follows of
 * the first token of each text.
 */
function encoderLayer<V>(operators: Operators<V>, config: BertConfig, layer: number, hidden: V): Taped<V> {
  const names = encoderLayerNames(layer);
  const isLast = layer === config.layerCount - 1;
  const clsIndex = isLast ? operators.input('cls_index') : undefined;
  const asking = clsIndex === undefined ? hidden : operators.rows(hidden, clsIndex);
  const query = linear(operators, asking, names.query);
  const key = linear(operators, hidden, names.key);
  const value = linear(operators, hidden, names.value);
  const attended = attention(operators, [query.value, key.value, value.value], config, {
    queries: isLast ? 'cls' : 'all',
    name: `layer ${layer}`,
  });
  const rest = afterAttention(operators, config, layer, attended.value, asking);
  return {
    value: rest.value,
    backward: (gradient) => {
      const { context, residual } = rest.backward(gradient);
      const [dQuery, dKey, dValue] = attended.backward(context);
      const atAsking = operators.add(query.backward(dQuery), residual);
      const everywhere = operators.add(key.backward(dKey), value.backward(dValue));
      return clsIndex === undefined
        ? operators.add(everywhere, atAsking)
        : operators.addToRows(everywhere, clsIndex, atAsking);
    },
  };
}

/** What follows attention in a layer: from its context and the layer's input, which is added to it, to its output. */
function afterAttention<V>(
  operators: Operators<V>,
  { layerCount, hiddenSize, hiddenAct, layerNormEps }: BertConfig,
  layer: number,
  context: V,
  input: V,
): Taped<V, { readonly context: V; readonly residual: V }> {
  const names = encoderLayerNames(layer);
  const drop = (x: V, name: string) =>
    dropout(operators, x, {
      name: `layer ${layer}.${name}`,
      shape: layer === layerCount - 1 ? 'texts' : 'tokens',
      width: hiddenSize,
    });
  const attended = linear(operators, context, names.attentionOutput);
  const attendedDropped = drop(attended.value, 'attention');
  const between = norm(operators, operators.add(attendedDropped.value, input), names.attentionNorm, layerNormEps);
  const intermediate = linear(operators, between.value, names.intermediate);
  const activated = activation(operators, intermediate.value, hiddenAct);
  const output = linear(operators, activated.value, names.output);
  const outputDropped = drop(output.value, 'output');
  const normed = norm(operators, operators.add(outputDropped.value, between.value), names.outputNorm, layerNormEps);
  return {
    value: normed.value,
    backward: (gradient) => {
      const dSum = normed.backward(gradient);
      const dActivated = output.backward(outputDropped.backward(dSum));
      const dBetween = intermediate.backward(activated.backward(dActivated));
      const residual = between.backward(operators.add(dBetween, dSum));
      return { context: attended.backward(attendedDropped.backward(residual)), residual };
    },
  };
}

/** [B, H] to [B, labels]. */
function head<V>(operators: Operators<V>, config: BertConfig, cls: V): Taped<V> {
  const pooler = linear(operators, cls, bertNames.pooler);
  const activated = activation(operators, pooler.value, config.headActivation);
  const site: DropoutSite = { name: 'head.dropout', shape: 'texts', width: config.hiddenSize };
  const dropped = dropout(operators, activated.value, site);
  const classifier = linear(operators, dropped.value, bertNames.classifier);
  return {
    value: classifier.value,
    backward: (gradient) => pooler.backward(activated.backward(dropped.backward(classifier.backward(gradient)))),
  };
}

/** Gives the output `loss`, and the gradient of the logits: share times (softmax - one-hot). */
function loss<V>(operators: Operators<V>, logits: V): V {
  const targets = operators.input('targets');
  const logProbabilities = operators.logSoftmax(logits);
  operators.output('loss', operators.negate(operators.total(operators.multiply(logProbabilities, targets))));
  const expected = operators.multiply(operators.exp(logProbabilities), operators.input('shares'));
  return operators.subtract(expected, targets);
}
