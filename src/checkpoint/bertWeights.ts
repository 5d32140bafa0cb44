import { UserError } from '../core/userError.ts';
import type { BertConfig } from './bertConfig.ts';
import { bertNames, bertTensorShapes } from './bertTensors.ts';
import type { TensorSource } from './tensorSource.ts';

/** The tensors of a BERT under their canonical Hugging Face names, checked against the configuration. */
export interface BertWeights {
  readonly source: TensorSource;
  /** Canonical name to the name in `source`, in the order of the forward pass. */
  readonly sourceNames: ReadonlyMap<string, string>;
}

/**
 * Finds every tensor of a sequence classifier in a checkpoint, which may leave the prefix `bert.` out and may say gamma and
 * beta for the weight and bias of a layer norm.
 * @throws UserError NO_CLASSIFIER for a bare encoder; BAD_CHECKPOINT for a missing tensor or one of another shape
 */
export function findClassifierWeights(source: TensorSource, config: BertConfig): BertWeights {
  const present = new Set(source.names());
  if (!present.has(`${bertNames.classifier}.weight`) && !present.has(`${bertNames.classifier}.bias`)) {
    throw new UserError(
      'NO_CLASSIFIER',
      `${source.fileName} is an encoder without a classification head: fine-tune it first, then label with the result.`,
    );
  }
  return findWeights(source, present, bertTensorShapes(config));
}

/**
 * Finds the tensors of the encoder only, as fine-tuning starts from; the pooler is found if the checkpoint has one.
 * @throws UserError BAD_CHECKPOINT for a missing tensor or one of another shape
 */
export function findEncoderWeights(source: TensorSource, config: BertConfig): BertWeights {
  const present = new Set(source.names());
  const hasPooler = sourceName(present, `${bertNames.pooler}.weight`) !== undefined;
  const wanted = [...bertTensorShapes(config)].filter(
    ([name]) => !name.startsWith(`${bertNames.classifier}.`) && (hasPooler || !name.startsWith(`${bertNames.pooler}.`)),
  );
  return findWeights(source, present, new Map(wanted));
}

function findWeights(
  source: TensorSource,
  present: ReadonlySet<string>,
  wanted: ReadonlyMap<string, readonly number[]>,
): BertWeights {
  const sourceNames = new Map<string, string>();
  for (const [name, expected] of wanted) {
    const found = sourceName(present, name);
    if (found === undefined) throw mismatch(`${source.fileName} has no tensor ${name}`);
    const shape = source.shape(found);
    if (shape.length !== expected.length || shape.some((size, axis) => size !== expected[axis])) {
      throw mismatch(
        `${source.fileName} holds ${found} with shape ${show(shape)}, config.json asks for ${show(expected)}`,
      );
    }
    sourceNames.set(name, found);
  }
  return { source, sourceNames };
}

function sourceName(present: ReadonlySet<string>, canonical: string): string | undefined {
  const legacy = canonical
    .replace(/LayerNorm\.weight$/, 'LayerNorm.gamma')
    .replace(/LayerNorm\.bias$/, 'LayerNorm.beta');
  const spellings = [canonical, legacy, withoutPrefix(canonical), withoutPrefix(legacy)];
  return spellings.find((spelling) => present.has(spelling));
}

function withoutPrefix(name: string): string {
  return name.replace(/^bert\./, '');
}

function mismatch(finding: string): UserError {
  return new UserError(
    'BAD_CHECKPOINT',
    `${finding}: config.json and the weights are from different models; take both from the same folder.`,
  );
}

function show(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}
