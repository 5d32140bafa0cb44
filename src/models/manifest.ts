import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { WEIGHT_FILES } from '../checkpoint/weightFiles.ts';
import { UserError } from '../core/userError.ts';
import { TOKENIZER_FILES } from '../tokenizer/tokenizerFiles.ts';
import type { DownloadOrigin } from './downloadOrigin.ts';
import { fileSha256 } from './fileSha256.ts';

/** The file of a model directory in which Caselight records where the model comes from. */
export const MANIFEST_FILE = 'caselight.json';

/** Raised when a field changes its meaning; fields may be added without. */
export const MANIFEST_SCHEMA_VERSION = 1;

/** A part of the manifest; fields that this version of Caselight does not know are kept. */
interface Section {
  readonly [field: string]: unknown;
}

/** Where an imported model was read from. */
export interface ModelOrigin extends Section {
  /** The file of the checkpoint that was opened, such as `pytorch_model.bin`. */
  readonly format: string;
  /** Base name to SHA-256 of every file of its weights. */
  readonly files: Readonly<Record<string, string>>;
  /** Tensors that the checkpoint did not have, by name; they were drawn from a generator started with `seed`. */
  readonly freshTensors: readonly string[];
  readonly seed?: number;
  /** Labels in the order of their ids. */
  readonly labels: readonly string[];
  /** Where the checkpoint was downloaded from, as far as it is on record. */
  readonly download?: DownloadOrigin;
}

/** What `caselight.json` says. */
export interface ModelManifest extends Section {
  readonly schemaVersion: typeof MANIFEST_SCHEMA_VERSION;
  /** What to call the model. */
  readonly name: string;
  /** ISO 8601, UTC. */
  readonly created?: string;
  /** The model that this one was made from. */
  readonly parent?: Section & { readonly name?: string };
  readonly origin?: ModelOrigin;
  /** What it was trained on: file, SHA-256, counts. */
  readonly data?: Section;
  readonly hyperParameters?: Section;
  /** What it was trained with: name and versions. */
  readonly engine?: Section;
  /** Numbers by name, or such groups by name. */
  readonly metrics?: Section;
  /** Base name to SHA-256 in hexadecimal, of every file of the model but the manifest. */
  readonly files: Readonly<Record<string, string>>;
}

/** What `verifyFiles` found of one file: gone, other than it was, or there without being part of the model. */
export interface FileProblem {
  readonly file: string;
  readonly kind: 'missing' | 'changed' | 'unlisted';
}

const SECTIONS = ['parent', 'origin', 'data', 'hyperParameters', 'engine', 'metrics'] as const;
const SHA256 = /^[0-9a-f]{64}$/;

/**
 * Reads the manifest of a model directory.
 * @returns undefined where there is none, as in a checkpoint that was never imported
 * @throws UserError BAD_MANIFEST where it is damaged or of a newer Caselight; IO_ERROR
 */
export async function readManifest(directory: string): Promise<ModelManifest | undefined> {
  let text: string;
  try {
    text = await readFile(path.join(directory, MANIFEST_FILE), 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new UserError('IO_ERROR', `${MANIFEST_FILE} could not be read: check that you may read it.`, { cause });
  }
  return parseManifest(text);
}

/**
 * Checks the text of a manifest.
 * @throws UserError BAD_MANIFEST
 */
export function parseManifest(text: string): ModelManifest {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw badManifest('it is not JSON', cause);
  }
  if (!isRecord(parsed)) throw badManifest('it is not a JSON object');
  const { schemaVersion, name, created, files } = parsed;
  if (typeof schemaVersion === 'number' && schemaVersion > MANIFEST_SCHEMA_VERSION) {
    throw new UserError(
      'BAD_MANIFEST',
      `${MANIFEST_FILE} was written by a newer Caselight (schema ${schemaVersion}): update Caselight to use this model.`,
    );
  }
  if (schemaVersion !== MANIFEST_SCHEMA_VERSION) throw badManifest('its schemaVersion is not 1');
  if (typeof name !== 'string' || name.trim() === '') throw badManifest('it has no name');
  if (created !== undefined && !(typeof created === 'string' && Number.isFinite(Date.parse(created)))) {
    throw badManifest('created is not a time');
  }
  for (const section of SECTIONS) {
    if (parsed[section] !== undefined && !isRecord(parsed[section])) throw badManifest(`${section} is not an object`);
  }
  if (!isRecord(files)) throw badManifest('it has no files');
  for (const [file, sha256] of Object.entries(files)) {
    if (path.posix.basename(file) !== file || path.win32.basename(file) !== file || ['.', '..'].includes(file)) {
      throw badManifest('it lists a file outside of its folder');
    }
    if (typeof sha256 !== 'string' || !SHA256.test(sha256)) throw badManifest(`${file} has no SHA-256`);
  }
  return parsed as unknown as ModelManifest;
}

/**
 * Compares the files of a model directory with what its manifest says of them; reads them all. Files that no model is made
 * of, such as a README, may lie beside them.
 * @returns nothing where all is as it was
 * @throws UserError IO_ERROR, CANCELLED
 */
export async function verifyFiles(
  directory: string,
  { files }: ModelManifest,
  signal?: AbortSignal,
): Promise<readonly FileProblem[]> {
  const problems: FileProblem[] = [];
  const present = new Set(await readdir(directory));
  for (const [file, sha256] of Object.entries(files)) {
    if (!present.has(file)) problems.push({ file, kind: 'missing' });
    else if ((await fileSha256(path.join(directory, file), signal)) !== sha256)
      problems.push({ file, kind: 'changed' });
  }
  // Of several weight or tokenizer files the first is used: one that was put beside would quietly replace the model's own.
  for (const file of ['config.json', ...TOKENIZER_FILES, ...WEIGHT_FILES]) {
    if (present.has(file) && !Object.hasOwn(files, file)) problems.push({ file, kind: 'unlisted' });
  }
  return problems;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function badManifest(detail: string, cause?: unknown): UserError {
  return new UserError(
    'BAD_MANIFEST',
    `${MANIFEST_FILE} cannot be right (${detail}): copy the model again, or delete the file to use the model without its history.`,
    { cause },
  );
}
