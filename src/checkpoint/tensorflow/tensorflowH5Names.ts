/** What Keras calls the parts of a layer, and what PyTorch calls them. */
const parts: Readonly<Record<string, string>> = {
  kernel: 'weight',
  embeddings: 'weight',
  weight: 'weight',
  gamma: 'weight',
  beta: 'bias',
  bias: 'bias',
};

/** A tensor of a TensorFlow checkpoint under the name that Hugging Face gives it in PyTorch. */
export interface TensorflowName {
  /** Such as `bert.encoder.layer.0.attention.self.query.weight`. */
  readonly name: string;
  /** Whether it is a matrix [inputs, outputs], where PyTorch has [outputs, inputs]. */
  readonly isTransposed: boolean;
}

/**
 * The canonical name of a weight that `save_pretrained` or `save_weights` of a TensorFlow model wrote. Its path is
 * `/LAYER/MODEL/LAYER/.../PART:0`, as in `/bert/tf_bert_for_sequence_classification_1/bert/encoder/layer_._0/output/dense/kernel:0`,
 * where the name of the model may be missing; `model.save` puts `/model_weights` before it.
 *
 * Follows `convert_tf_weight_name_to_pt_weight_name` of transformers 4.38, modeling_tf_pytorch_utils.py, but finds the layer
 * by its name where that function removes the first level, whatever it is.
 * @param path from the root of the file, with a leading slash
 * @returns undefined for what is no weight of a layer, such as the state of an optimizer
 */
export function tensorflowName(path: string): TensorflowName | undefined {
  const [layer, ...levels] = path
    .slice(1)
    .replace(/^model_weights\//, '')
    .split('/');
  const part = /^([a-z]+)(:0)?$/.exec(levels.pop() ?? '')?.[1] ?? '';
  const canonicalPart = Object.hasOwn(parts, part) ? parts[part] : undefined;
  if (layer === undefined || layer === 'optimizer_weights' || canonicalPart === undefined) return undefined;
  const scope = withoutModel(levels, layer).flatMap(canonicalLevels);
  return { name: [...scope, canonicalPart].join('.'), isTransposed: part === 'kernel' };
}

/** The levels from the layer on, its name without the number that Keras gives to the second layer of that name. */
function withoutModel(levels: readonly string[], layer: string): readonly string[] {
  const start = levels.findIndex((level) => withoutNumber(level) === withoutNumber(layer));
  const [first, ...rest] = levels.slice(Math.max(0, start));
  if (first === undefined) return [withoutNumber(layer)];
  // A layer that is itself a whole model, as in a Keras model that the user built around it, says nothing.
  return first.startsWith('tf_') ? rest : [withoutNumber(first), ...rest];
}

function withoutNumber(level: string): string {
  return level.replace(/_\d+$/, '');
}

/** `layer_._0` stands for two levels, and of `mlm___cls` only the part behind counts. */
function canonicalLevels(level: string): readonly string[] {
  return level.replace(/^.*___/, '').split('_._');
}
