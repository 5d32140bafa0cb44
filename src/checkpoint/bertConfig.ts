import { UserError } from '../core/userError.ts';
import { readLabels } from './bertLabels.ts';

/** Activation of the feed-forward layers: `gelu` with erf, `gelu_new` with its tanh approximation. */
export type HiddenActivation = 'gelu' | 'gelu_new' | 'relu';

/** The dimensions of a BERT sequence classifier, and its labels. All sizes are at least 1. */
export interface BertConfig {
  readonly hiddenSize: number;
  readonly layerCount: number;
  /** Divides `hiddenSize`. */
  readonly headCount: number;
  readonly intermediateSize: number;
  /** Longest sequence in tokens, special tokens included. */
  readonly maxPositions: number;
  readonly vocabSize: number;
  readonly typeVocabSize: number;
  readonly layerNormEps: number;
  readonly hiddenAct: HiddenActivation;
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

/**
 * Reads the text of a Hugging Face `config.json`. What old BERT checkpoints leave out gets the default of transformers.
 * @throws UserError BAD_CONFIG if it cannot be right, UNSUPPORTED_MODEL if it describes what Caselight does not run
 */
export function parseBertConfig(text: string): BertConfig {
  const json = parseObject(text);
  checkSupported(json);
  const config: BertConfig = {
    hiddenSize: size(json, 'hidden_size'),
    layerCount: size(json, 'num_hidden_layers'),
    headCount: size(json, 'num_attention_heads'),
    intermediateSize: size(json, 'intermediate_size'),
    maxPositions: size(json, 'max_position_embeddings', 512),
    vocabSize: size(json, 'vocab_size'),
    typeVocabSize: size(json, 'type_vocab_size', 2),
    layerNormEps: epsilon(json),
    hiddenAct: activation(json),
    labels: readLabels(json),
  };
  if (config.hiddenSize % config.headCount !== 0) {
    throw badConfig(`hidden_size ${config.hiddenSize} is not a multiple of num_attention_heads ${config.headCount}`);
  }
  return config;
}

function parseObject(text: string): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new UserError('BAD_CONFIG', 'config.json is not JSON: copy or download it again.', { cause });
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw badConfig('it is no JSON object');
  return { ...parsed };
}

function checkSupported(json: Record<string, unknown>): void {
  const unsupported = (found: string) =>
    new UserError(
      'UNSUPPORTED_MODEL',
      `config.json describes ${found}, but Caselight runs BERT classifiers with one label a text ` +
        '(model_type bert, absolute positions): choose a checkpoint of that kind.',
    );
  const modelType = json.model_type ?? 'bert';
  if (modelType !== 'bert') throw unsupported(`a model of type ${String(modelType)}`);
  const positions = json.position_embedding_type ?? 'absolute';
  if (positions !== 'absolute') throw unsupported(`position embeddings of type ${String(positions)}`);
  if (json.is_decoder === true) throw unsupported('a decoder');
  const problem = json.problem_type ?? 'single_label_classification';
  if (problem !== 'single_label_classification') throw unsupported(`a head for ${String(problem)}`);
}

function activation(json: Record<string, unknown>): HiddenActivation {
  const name = json.hidden_act ?? 'gelu';
  const known = activations.get(String(name));
  if (known !== undefined) return known;
  throw new UserError(
    'UNSUPPORTED_MODEL',
    `config.json asks for the activation ${String(name)}, but Caselight knows ${[...activations.keys()].join(', ')}: ` +
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

function badConfig(detail: string): UserError {
  return new UserError('BAD_CONFIG', `config.json cannot be right (${detail}): copy or download it again.`);
}
