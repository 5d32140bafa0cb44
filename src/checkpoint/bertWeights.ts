import { UserError } from '../core/userError.ts';
import { architectures } from './architectures.ts';
import type { BertConfig } from './bertConfig.ts';
import { bertNames, bertTensorShapes, huggingFaceNames } from './bertTensors.ts';
import { shownName } from './checkpointRefusals.ts';
import type { TensorSource } from './tensorSource.ts';

/** The tensors of a classifier in a checkpoint, checked against the configuration. */
export interface BertWeights {
  readonly source: TensorSource;
  /** This program's name, see `bertTensorShapes`, to the name in `source`, in the order of the forward pass. */
  readonly sourceNames: ReadonlyMap<string, string>;
}

/** As `BertWeights`, where the head may be missing. */
export interface EncoderWeights extends BertWeights {
  /** This program's names of the head's tensors that the checkpoint does not have. */
  readonly missing: readonly string[];
}

/** Every architecture calls its table of words so. */
const WORD_EMBEDDINGS = 'embeddings.word_embeddings.weight';

/**
 * Finds every tensor of a sequence classifier in a checkpoint.
 * @throws UserError NO_CLASSIFIER for one without its head; BAD_CHECKPOINT for a missing tensor or one of another shape
 */
export function findClassifierWeights(source: TensorSource, config: BertConfig): BertWeights {
  const { sourceNames, missing } = findEncoderWeights(source, config);
  if (missing.length === 0) return { source, sourceNames };
  throw new UserError(
    'NO_CLASSIFIER',
    `${source.fileName} is an encoder without a classification head: import it with "Caselight: Import Model…" and train it, ` +
      'then label with the result.',
  );
}

/**
 * Finds the tensors of the encoder, and those of the head as far as the checkpoint has them. Names may lack the encoder's
 * prefix, have those of modules around the model before them (`module.`, `model.bert.`), and say gamma and beta for the weight
 * and bias of a layer norm; what belongs to another head is passed over.
 * @throws UserError BAD_CHECKPOINT for a missing tensor or one of another shape
 */
export function findEncoderWeights(source: TensorSource, config: BertConfig): EncoderWeights {
  const spellings = spellingsIn(source, config);
  const found = new Map<string, string>();
  const present = new Set(source.names());
  for (const name of bertTensorShapes(config).keys()) {
    const sourceName = spellings(name).find((spelling) => present.has(spelling));
    if (sourceName !== undefined) found.set(name, sourceName);
  }
  const missing = missingHead(found, config);
  const sourceNames = new Map<string, string>();
  for (const [name, expected] of bertTensorShapes(config)) {
    if (missing.includes(name)) continue;
    const sourceName = found.get(name);
    if (sourceName === undefined) throw mismatch(`${source.fileName} has no tensor ${spellings(name)[0]}`);
    const shape = source.shape(sourceName);
    if (shape.length !== expected.length || shape.some((size, axis) => size !== expected[axis])) {
      throw mismatch(
        `${source.fileName} holds ${shownName(sourceName)} with shape ${show(shape)}, config.json asks for ${show(expected)}`,
      );
    }
    sourceNames.set(name, sourceName);
  }
  return { source, sourceNames, missing };
}

/** The head's tensors of which there is no trace; half a layer is damage, and not listed. */
function missingHead(found: ReadonlyMap<string, string>, { isTextClassifier }: BertConfig): readonly string[] {
  const tensors = (layer: string) => [`${layer}.weight`, `${layer}.bias`];
  const has = (layer: string) => tensors(layer).some((name) => found.has(name));
  const { pooler, classifier } = bertNames;
  // What classifies single words has the same name, but there is no pooler before it.
  if (!has(pooler)) return [...tensors(pooler), ...tensors(classifier)];
  return isTextClassifier && has(classifier) ? [] : tensors(classifier);
}

/** How the checkpoint may call a tensor, given this program's name; the first spelling is the likeliest. */
function spellingsIn(source: TensorSource, config: BertConfig): (name: string) => readonly string[] {
  const { prefix } = architectures[config.architecture];
  const owner = encoderOwner(source, prefix);
  const wrapper = owner === prefix || owner.endsWith(`.${prefix}`) ? owner.slice(0, -prefix.length) : owner;
  const canonical = huggingFaceNames(config);
  return (name) => {
    const own = canonical.get(name) ?? name;
    const placed = own.startsWith(prefix) ? [`${owner}${own.slice(prefix.length)}`] : [`${wrapper}${own}`, own];
    return placed.flatMap((spelling) => [spelling, withGammaAndBeta(spelling)]);
  };
}

/** What stands before the names of the encoder's tensors: nothing, `bert.`, `module.bert.`, ... */
function encoderOwner(source: TensorSource, prefix: string): string {
  const owners = source
    .names()
    .filter((name) => name === WORD_EMBEDDINGS || name.endsWith(`.${WORD_EMBEDDINGS}`))
    .map((name) => name.slice(0, -WORD_EMBEDDINGS.length));
  const usual = [prefix, ''].find((owner) => owners.includes(owner));
  if (usual !== undefined) return usual;
  const [owner = prefix, ...others] = owners;
  if (others.length === 0) return owner;
  throw new UserError(
    'BAD_CHECKPOINT',
    `${source.fileName} holds several encoders (${owners.map(shownName).join(', ')}): save the one to use with save_pretrained.`,
  );
}

function withGammaAndBeta(name: string): string {
  return name.replace(/LayerNorm\.weight$/, 'LayerNorm.gamma').replace(/LayerNorm\.bias$/, 'LayerNorm.beta');
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
