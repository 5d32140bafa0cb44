import { architectures } from '../checkpoint/architectures.ts';
import type { BertConfig } from '../checkpoint/bertConfig.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/** A `config.json` with these labels in the order of their ids, whatever it said of labels before. */
export function withLabels(original: JsonObject, labels: readonly string[]): JsonObject {
  // The count follows from the table; `_num_labels` is how old versions of transformers spelled it.
  const { num_labels: _, _num_labels: __, ...kept } = original;
  return {
    ...kept,
    id2label: Object.fromEntries(labels.map((label, id) => [id, label])),
    label2id: Object.fromEntries(labels.map((label, id) => [label, id])),
  };
}

/**
 * The `config.json` of a sequence classifier that was made from a checkpoint with the fields `original`; all of them that do not
 * speak of the head stay. Python computes in the type that `dtype` names: float32, as Caselight does, whatever is stored.
 */
export function classifierConfig(original: JsonObject, { architecture, labels }: BertConfig): JsonObject {
  return {
    ...withLabels(original, labels),
    architectures: [architectures[architecture].className],
    model_type: architecture,
    dtype: 'float32',
    // As transformers called it before version 5.
    ...('torch_dtype' in original ? { torch_dtype: 'float32' } : {}),
  };
}
