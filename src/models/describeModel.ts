import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { type BertConfig, parseBertConfig } from '../checkpoint/bertConfig.ts';
import { WEIGHT_FILES, weightFiles } from '../checkpoint/weightFiles.ts';
import { UserError } from '../core/userError.ts';
import { TOKENIZER_FILES } from '../tokenizer/tokenizerFiles.ts';

/** What a person has to look for. */
const MODEL_FOLDER = `a Hugging Face folder with config.json, ${WEIGHT_FILES.slice(0, -1).join(', ')} or ${WEIGHT_FILES.at(-1)}, and tokenizer.json or vocab.txt`;

/** What a model directory is, found without loading its weights. */
export interface ModelDescription {
  /** Absolute path. */
  readonly directory: string;
  /** What to call it: `name` in caselight.json, or else the name of the folder. */
  readonly name: string;
  readonly config: BertConfig;
  /** SHA-256 over configuration, tokenizer and weights: two directories with the same hash predict the same. */
  readonly hash: string;
  /** Sizes and times of the files that were hashed, see `modelStamp`. */
  readonly stamp: string;
}

/** Changes when one of the files that make up the hash of a model directory changes; costs no reading. */
export async function modelStamp(directory: string): Promise<string> {
  const facts = await Promise.all(
    (await hashedFiles(directory)).map((file) =>
      stat(join(directory, file)).then(
        ({ size, mtimeMs }) => `${size}@${mtimeMs}`,
        () => 'none',
      ),
    ),
  );
  return facts.join(' ');
}

/**
 * Reads and hashes a model directory, see the contract for its layout. Reads the weights once, as a stream.
 * @throws UserError MODEL_NOT_FOUND, or what `parseBertConfig` says of its config.json
 */
export async function describeModel(path: string): Promise<ModelDescription> {
  const directory = resolve(path);
  const name = basename(directory);
  const isDirectory = await stat(directory).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  if (!isDirectory) {
    throw new UserError('MODEL_NOT_FOUND', `There is no model folder at ${path}: choose ${MODEL_FOLDER}.`);
  }
  const config = parseBertConfig(await readModelFile(directory, 'config.json'));
  // Before the hash: a file that changes while it is hashed is noticed.
  const stamp = await modelStamp(directory);
  const hash = createHash('sha256');
  for (const file of await hashedFiles(directory)) {
    hash.update(`\0${file}\0`);
    await hashFile(join(directory, file), hash);
  }
  return { directory, name: await givenName(directory, name), config, hash: hash.digest('hex'), stamp };
}

/** The files that decide what a model predicts; not all of them need be there. */
async function hashedFiles(directory: string): Promise<readonly string[]> {
  return ['config.json', ...TOKENIZER_FILES, ...(await weightFiles(directory))];
}

async function givenName(directory: string, fallback: string): Promise<string> {
  try {
    const manifest: unknown = JSON.parse(await readFile(join(directory, 'caselight.json'), 'utf8'));
    const name = (manifest as { name?: unknown } | null)?.name;
    return typeof name === 'string' && name !== '' ? name : fallback;
  } catch {
    // The manifest is ours and optional; without it the model still works under the name of its folder.
    return fallback;
  }
}

/** The text of a file that a model must have. @throws UserError MODEL_NOT_FOUND */
export async function readModelFile(directory: string, file: string): Promise<string> {
  try {
    return await readFile(join(directory, file), 'utf8');
  } catch (cause) {
    throw missing(directory, file, cause);
  }
}

function missing(directory: string, file: string, cause?: unknown): UserError {
  return new UserError(
    'MODEL_NOT_FOUND',
    `The folder ${basename(directory)} has no readable ${file}, so it is not a model that Caselight can run: choose ${MODEL_FOLDER}.`,
    { cause },
  );
}

/** Adds nothing where there is no such file. */
async function hashFile(path: string, hash: Hash): Promise<void> {
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw new UserError('IO_ERROR', `${basename(path)} could not be read: check that you may read it.`, {
      cause: error,
    });
  }
}
