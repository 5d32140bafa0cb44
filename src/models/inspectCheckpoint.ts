import { stat } from 'node:fs/promises';
import path from 'node:path';
import { architectures } from '../checkpoint/architectures.ts';
import { type BertConfig, parseBertConfig, parseConfigObject } from '../checkpoint/bertConfig.ts';
import { type CompleteCheckpoint, completeCheckpoint } from '../checkpoint/completeCheckpoint.ts';
import { openCheckpoint } from '../checkpoint/openCheckpoint.ts';
import type { TensorSource } from '../checkpoint/tensorSource.ts';
import { weightFiles } from '../checkpoint/weightFiles.ts';
import { throwIfCancelled } from '../core/cancellation.ts';
import { UserError } from '../core/userError.ts';
import { type CarriedTokenizer, carriedTokenizer } from './carriedTokenizer.ts';
import { withLabels } from './classifierConfig.ts';
import { readModelFile } from './describeModel.ts';
import { type ImportSummary, summarizeImport } from './importSummary.ts';
import { type ModelManifest, readManifest } from './manifest.ts';
import { loadModelTokenizer } from './modelTokenizer.ts';

/** What to take a checkpoint for. */
export interface InspectOptions {
  /** Folder of a Hugging Face checkpoint, of a Caselight model too. */
  readonly source: string;
  /** Names of the labels in the order of their ids; default: those of config.json. A fresh head gets as many outputs. */
  readonly labels?: readonly string[];
  /** Of the generator that a fresh head is drawn from; default 42. */
  readonly seed?: number;
  readonly signal?: AbortSignal;
}

/** A checkpoint of which everything but the values of its weights was checked. */
export interface InspectedCheckpoint extends CompleteCheckpoint {
  /** Absolute path. */
  readonly directory: string;
  /** Its manifest, where it is a Caselight model. */
  readonly parent: ModelManifest | undefined;
  /** Fields of its config.json. */
  readonly original: Readonly<Record<string, unknown>>;
  readonly config: BertConfig;
  readonly tokenizer: CarriedTokenizer;
  /** Base names of the files of its weights. */
  readonly weightFiles: readonly string[];
  readonly seed: number;
  readonly summary: ImportSummary;
}

const DEFAULT_SEED = 42;

/**
 * Opens a checkpoint and checks configuration, weights, tokenizer and labels against each other; reads no weights. The caller
 * closes `tensors`.
 * @throws UserError for whatever is wrong with it; BAD_ARGUMENT for labels that cannot be; CANCELLED
 */
export async function inspectCheckpoint(options: InspectOptions): Promise<InspectedCheckpoint> {
  const { labels, seed = DEFAULT_SEED, signal } = options;
  const directory = path.resolve(options.source);
  await checkFolder(directory);
  if (labels !== undefined) checkLabels(labels);
  const text = await readModelFile(directory, 'config.json');
  const original = parseConfigObject(text);
  const config = parseBertConfig(labels === undefined ? text : JSON.stringify(withLabels(original, labels)));
  const parent = await readManifest(directory);
  await loadModelTokenizer(directory, config);
  const tokenizer = await carriedTokenizer(directory);
  throwIfCancelled(signal);
  const files = await weightFiles(directory);
  const source = await openCheckpoint(directory);
  try {
    const complete = completeWithLabels(source, config, seed, labels === undefined ? undefined : text);
    const summary = summarizeImport({ ...complete, source, config, seed, tokenizer });
    return { ...complete, directory, parent, original, config, tokenizer, weightFiles: files, seed, summary };
  } catch (error) {
    await source.close();
    throw error;
  }
}

async function checkFolder(directory: string): Promise<void> {
  const stats = await stat(directory).catch(() => undefined);
  if (stats?.isDirectory()) return;
  const name = path.basename(directory);
  throw new UserError(
    'MODEL_NOT_FOUND',
    stats === undefined
      ? `There is no folder ${name}: check the path of the checkpoint.`
      : `${name} is a file: name the folder that it lies in, with config.json and the tokenizer beside it.`,
  );
}

function checkLabels(labels: readonly string[]): void {
  const problem =
    (labels.length < 2 && 'a classifier needs at least two') ||
    (labels.some((label) => label.trim() === '') && 'one of them is empty') ||
    (new Set(labels).size < labels.length && 'one of them is there twice');
  if (problem) throw new UserError('BAD_ARGUMENT', `These labels cannot be (${problem}): name each label once.`);
}

/** @param configText where the labels were given: the checkpoint's own configuration, which says how many it has */
function completeWithLabels(
  source: TensorSource,
  config: BertConfig,
  seed: number,
  configText: string | undefined,
): CompleteCheckpoint {
  try {
    return completeCheckpoint(source, config, seed);
  } catch (error) {
    const count = configText === undefined ? undefined : headSize(source, configText, seed);
    if (count === undefined || count === config.labels.length) throw error;
    throw new UserError(
      'BAD_ARGUMENT',
      `The checkpoint has a classification head for ${count} labels, and ${config.labels.length} were given: give ${count}, in the order of their ids, or leave them out.`,
      { cause: error },
    );
  }
}

/** Outputs of the head that fits a configuration; undefined where there is none or something else is wrong. */
function headSize(source: TensorSource, configText: string, seed: number): number | undefined {
  try {
    const config = parseBertConfig(configText);
    const { tensors, fresh } = completeCheckpoint(source, config, seed);
    const classifier = `${architectures[config.architecture].outer.classifier}.weight`;
    return fresh.includes(classifier) ? undefined : tensors.shape(classifier)[0];
  } catch {
    // What is wrong was found without this: it is told there.
    return undefined;
  }
}
