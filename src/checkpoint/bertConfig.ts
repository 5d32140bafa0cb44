import { UserError } from '../core/userError.ts';
import { type Architecture, architectures, type HeadActivation, isArchitecture } from './architectures.ts';
import { readLabels } from './bertLabels.ts';
import { shownName } from './checkpointRefusals.ts';

/** Activation of the feed-forward layers: `gelu` with erf, `gelu_new` with its tanh approximation. */
export type HiddenActivation = 'gelu' | 'gelu_new' | 'relu';

/** The dimensions of a sequence classifier of BERT's kind, and its labels. All sizes are at least 1. */
export interface BertConfig {
  readonly architecture: Architecture;
  /** Width of the embeddings; an ELECTRA may have them narrower than `hiddenSize` and project them. */
  readonly embeddingSize: number;
  readonly hiddenSize: number;
  readonly layerCount: number;
  /** Divides `hiddenSize`. */
  readonly headCount: number;
  readonly intermediateSize: number;
  /** Longest sequence in tokens, special tokens included. */
  readonly maxPositions: number;
  /** Row of the position embeddings that the first token reads: 0, but in a RoBERTa the one behind its padding token's id. */
  readonly positionOffset: number;
  readonly vocabSize: number;
  /** 0 where there are no token types. */
  readonly typeVocabSize: number;
  readonly layerNormEps: number;
  readonly hiddenAct: HiddenActivation;
  readonly headActivation: HeadActivation;
  /** False where config.json says that the checkpoint's own head is for another task, such as naming single words. */
  readonly isTextClassifier: boolean;
  /** In the order of the ids, which is the order of the logits. */
  readonly labels: readonly string[];
}

/** Names under which Hugging Face transformers knows the activations. Source: transformers/activations.py */
const activations = new Map<string, HiddenActivation>([
  ['gelu', 'gelu'],
  ['gelu_python', 'gelu'],
  ['gelu_new', 'gelu_new'],
  ['gelu_fast', 'gelu_new'],
  ['gelu_accurate', 'gelu_new'],
  ['gelu_pytorch_tanh', 'gelu_new'],
  ['relu', 'relu'],
]);

/** More than any encoder has; a damaged number must not take all memory. */
const MAX_LAYERS = 1000;

/** Classes whose head has tensors of the same names as one for sequence classification. */
const OTHER_TASK = /For(?:TokenClassification|MultipleChoice|QuestionAnswering)$/;

/** What config.json calls the sizes, where DistilBERT differs. Source: DistilBertConfig in transformers */
const bertKeys = {
  hiddenSize: 'hidden_size',
  layerCount: 'num_hidden_layers',
  headCount: 'num_attention_heads',
  intermediateSize: 'intermediate_size',
  hiddenAct: 'hidden_act',
} as const;
const distilbertKeys = {
  hiddenSize: 'dim',
  layerCount: 'n_layers',
  headCount: 'n_heads',
  intermediateSize: 'hidden_dim',
  hiddenAct: 'activation',
} as const;

/**
 * Reads the text of a Hugging Face `config.json`. What old checkpoints leave out gets the default of transformers.
 * @throws UserError BAD_CONFIG if it cannot be right, UNSUPPORTED_MODEL if it describes what Caselight does not run
 */
export function parseBertConfig(text: string): BertConfig {
  const json = parseConfigObject(text);
  const architecture = supportedArchitecture(json);
  const keys = architecture === 'distilbert' ? distilbertKeys : bertKeys;
  const hiddenSize = size(json, keys.hiddenSize);
  const positionOffset = architecture === 'roberta' ? tokenId(json, 'pad_token_id', 1) + 1 : 0;
  const config: BertConfig = {
    architecture,
    embeddingSize: architecture === 'electra' ? size(json, 'embedding_size', 128) : hiddenSize,
    hiddenSize,
    layerCount: size(json, keys.layerCount),
    headCount: size(json, keys.headCount),
    intermediateSize: size(json, keys.intermediateSize),
    maxPositions: size(json, 'max_position_embeddings', 512) - positionOffset,
    positionOffset,
    vocabSize: size(json, 'vocab_size'),
    typeVocabSize: architecture === 'distilbert' ? 0 : size(json, 'type_vocab_size', 2),
    layerNormEps: architecture === 'distilbert' ? 1e-12 : epsilon(json),
    hiddenAct: activation(json, keys.hiddenAct),
    headActivation: architectures[architecture].headActivation,
    isTextClassifier: !OTHER_TASK.test(shown(json.architectures)),
    labels: readLabels(json),
  };
  if (config.layerCount > MAX_LAYERS) throw badConfig(`${keys.layerCount} is ${config.layerCount}`);
  if (hiddenSize % config.headCount !== 0) {
    throw badConfig(`${keys.hiddenSize} ${hiddenSize} is not a multiple of ${keys.headCount} ${config.headCount}`);
  }
  if (config.maxPositions < 2) throw badConfig('max_position_embeddings leaves no room for a text');
  return config;
}

/** The fields of a `config.json` as they are. @throws UserError BAD_CONFIG */
export function parseConfigObject(text: string): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new UserError('BAD_CONFIG', 'config.json is not JSON: copy or download it again.', { cause });
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw badConfig('it is no JSON object');
  return { ...parsed };
}

function supportedArchitecture(json: Record<string, unknown>): Architecture {
  const unsupported = (found: string) =>
    new UserError(
      'UNSUPPORTED_MODEL',
      `config.json describes ${found}, but Caselight runs classifiers with one label a text and absolute positions ` +
        `(model_type ${Object.keys(architectures).join(', ')}): choose a checkpoint of that kind.`,
    );
  const modelType = shown(json.model_type ?? 'bert');
  if (!isArchitecture(modelType)) throw unsupported(`a model of type ${modelType}`);
  const positions = json.position_embedding_type ?? 'absolute';
  if (positions !== 'absolute') throw unsupported(`position embeddings of type ${shown(positions)}`);
  if (json.is_decoder === true) throw unsupported('a decoder');
  const problem = json.problem_type ?? 'single_label_classification';
  if (problem !== 'single_label_classification') throw unsupported(`a head for ${shown(problem)}`);
  return modelType;
}

function activation(json: Record<string, unknown>, key: string): HiddenActivation {
  const name = shown(json[key] ?? 'gelu');
  const known = activations.get(name);
  if (known !== undefined) return known;
  throw new UserError(
    'UNSUPPORTED_MODEL',
    `config.json asks for the activation ${name}, but Caselight knows ${[...activations.keys()].join(', ')}: ` +
      'choose another checkpoint.',
  );
}

function epsilon(json: Record<string, unknown>): number {
  const value = json.layer_norm_eps ?? 1e-12;
  if (typeof value === 'number' && value > 0 && value < 1) return value;
  throw badConfig('layer_norm_eps is not between 0 and 1');
}

function size(json: Record<string, unknown>, key: string, fallback?: number): number {
  const value = json[key] ?? fallback;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value;
  throw badConfig(value === undefined ? `${key} is missing` : `${key} is not a positive whole number`);
}

function tokenId(json: Record<string, unknown>, key: string, fallback: number): number {
  const value = json[key] ?? fallback;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw badConfig(`${key} is not the id of a token`);
}

/** A value as text, fit for a message; a list of one is its only element. */
function shown(value: unknown): string {
  const [only, ...others] = Array.isArray(value) ? value : [value];
  return shownName(typeof only === 'string' && others.length === 0 ? only : (JSON.stringify(value) ?? ''));
}

function badConfig(detail: string): UserError {
  return new UserError('BAD_CONFIG', `config.json cannot be right (${detail}): copy or download it again.`);
}
