import { WEIGHT_FILES } from '../checkpoint/weightFiles.ts';
import { UserError } from '../core/userError.ts';
import type { HubFile } from './hubListing.ts';

/** A file that is taken. */
export interface WantedFile extends HubFile {
  /** What it is called in the folder that is made. */
  readonly name: string;
}

const TOKENIZER_FILES = [
  'tokenizer.json',
  'vocab.txt',
  'vocab.json',
  'merges.txt',
  'tokenizer_config.json',
  'special_tokens_map.json',
];
/** Where a model comes from and what may be done with it. */
const MODEL_CARDS = ['README.md', 'LICENSE', 'LICENSE.md', 'LICENSE.txt'];
const MAX_CARD_BYTES = 1 << 20;
/** These are read into memory. */
const MAX_JSON_BYTES = 16 << 20;
/** Exporters put the tensors of a large ONNX model beside it. */
const ONNX_DATA = ['model.onnx_data', 'model.onnx.data'];
const LISTED = 8;

/** Folder in which some repositories have their `model.onnx`. */
export const ONNX_FOLDER = 'onnx';
/** Says which files hold sharded weights; they come by `shardFiles`. */
export const SHARD_INDEX = 'model.safetensors.index.json' satisfies (typeof WEIGHT_FILES)[number];

/** Whether there is a file that weights are read from. */
export function hasWeights(files: readonly HubFile[]): boolean {
  return weightFilesOf(files).length > 0;
}

/** The file that weights are best read from, if any, with those that belong to it. */
function weightFilesOf(files: readonly HubFile[]): WantedFile[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  for (const folder of ['', `${ONNX_FOLDER}/`]) {
    for (const name of WEIGHT_FILES) {
      const file = byPath.get(folder + name);
      if (file === undefined || (name === SHARD_INDEX && file.sizeBytes > MAX_JSON_BYTES)) continue;
      const data = name === 'model.onnx' ? ONNX_DATA : [];
      const beside = data.flatMap((name) => {
        const found = byPath.get(folder + name);
        return found === undefined ? [] : [{ ...found, name }];
      });
      return [{ ...file, name }, ...beside];
    }
  }
  return [];
}

/**
 * The files of a repository that make a checkpoint: configuration, tokenizer, model card and one format of weights.
 * @param files those at the top, and of the ONNX folder if they were listed
 * @throws UserError UNSUPPORTED_MODEL where there is nothing that Caselight reads
 */
export function chooseFiles(repoName: string, files: readonly HubFile[]): WantedFile[] {
  const atTop = (names: readonly string[], maxBytes: number) =>
    files
      .filter(({ path, sizeBytes }) => names.includes(path) && sizeBytes <= maxBytes)
      .map((file) => ({ ...file, name: file.path }));
  const weights = weightFilesOf(files);
  const config = atTop(['config.json'], MAX_JSON_BYTES);
  if (weights.length === 0 || config.length === 0) {
    const missing = config.length === 0 ? 'no config.json' : 'none of the weight files that Caselight reads';
    throw new UserError(
      'UNSUPPORTED_MODEL',
      `${repoName} has ${missing}, but ${shownNames(files)}: choose a repository with config.json and ${WEIGHT_FILES.join(', ')}.`,
    );
  }
  const tokenizer = atTop(TOKENIZER_FILES, Number.POSITIVE_INFINITY);
  return [...config, ...tokenizer, ...atTop(MODEL_CARDS, MAX_CARD_BYTES), ...weights];
}

/**
 * The files that a shard index names.
 * @throws UserError UNSUPPORTED_MODEL where the repository lacks one of them
 */
export function shardFiles(repoName: string, files: readonly HubFile[], names: Iterable<string>): WantedFile[] {
  return [...new Set(names)].map((name) => {
    const file = files.find(({ path }) => path === name);
    if (file !== undefined) return { ...file, name };
    throw new UserError(
      'UNSUPPORTED_MODEL',
      `${repoName} lacks ${name}, which its ${SHARD_INDEX} names: choose another revision with --revision, or another repository.`,
    );
  });
}

function shownNames(files: readonly HubFile[]): string {
  if (files.length === 0) return 'no file at all';
  const names = files.slice(0, LISTED).map(({ path }) => path.slice(0, 60).replaceAll(/[^\x20-\x7e]/g, '?'));
  return `${names.join(', ')}${files.length > LISTED ? ' and more' : ''}`;
}
