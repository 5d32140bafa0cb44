import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { UserError } from '../core/userError.ts';
import { byteLevelDefinition, parseMerges } from './byteLevelDefinition.ts';
import { isMojibake } from './mojibake.ts';
import { surroundingTokens } from './specialTokens.ts';
import { TextTokenizer } from './textTokenizer.ts';
import { TOKENIZER_FILES } from './tokenizerFiles.ts';
import { parseVocabulary, wordPieceDefinition } from './wordPieceDefinition.ts';

/** For messages. */
const LONGEST_TOKEN = 50;

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Loads the tokenizer of a model directory: from `tokenizer.json`, or else from `vocab.txt` (WordPiece) or `vocab.json` and
 * `merges.txt` (byte-level BPE), with what `tokenizer_config.json` says.
 * @throws UserError MODEL_NOT_FOUND where none of them is there; BAD_TOKENIZER where one does not parse, a special token is
 *   missing, or the vocabulary was saved in the wrong encoding
 */
export async function loadTokenizer(directory: string): Promise<TextTokenizer> {
  const files = new Map<string, string>();
  for (const name of TOKENIZER_FILES) {
    const text = await readIfPresent(join(directory, name));
    if (text !== undefined) files.set(name, text);
  }
  const model = basename(directory);
  const config = parseJson(files.get('tokenizer_config.json') ?? '{}', 'tokenizer_config.json', model);
  const definition = definitionFrom(files, config, model);
  let tokenizer: TextTokenizer;
  let surrounding: readonly number[];
  try {
    tokenizer = new TextTokenizer(definition, config);
    checkSpecialTokens(tokenizer, definition, model);
    surrounding = tokenizer.encode('', 2).inputIds;
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw unreadable(model, cause);
  }
  if (surrounding.length !== 2) {
    throw new UserError(
      'BAD_TOKENIZER',
      `The tokenizer of ${model} does not put one token before a text and one behind it, as [CLS] and [SEP]: use the tokenizer that came with the model.`,
    );
  }
  if (isWordPiece(definition) && isMojibake(tokenizer.tokens())) {
    throw new UserError(
      'BAD_TOKENIZER',
      `The vocabulary of ${model} was saved in the wrong encoding (such as "Ã©" for "é"), so words with such letters would be misread: get the file again from where the model came from, as UTF-8.`,
    );
  }
  return tokenizer;
}

/** The content of `tokenizer.json`, or what it would be for the files that are there instead. */
function definitionFrom(files: ReadonlyMap<string, string>, config: JsonObject, model: string): JsonObject {
  const definition = files.get('tokenizer.json');
  if (definition !== undefined) return withStatedNormalization(parseJson(definition, 'tokenizer.json', model), config);
  const wordPieces = files.get('vocab.txt');
  if (wordPieces !== undefined) {
    return wordPieceDefinition(parseVocabulary(wordPieces), {
      ...(typeof config.do_lower_case === 'boolean' ? { lowercase: config.do_lower_case } : {}),
      ...(typeof config.strip_accents === 'boolean' ? { stripAccents: config.strip_accents } : {}),
      ...(typeof config.tokenize_chinese_chars === 'boolean' ? { splitChinese: config.tokenize_chinese_chars } : {}),
    });
  }
  const [ids, merges] = [files.get('vocab.json'), files.get('merges.txt')];
  if (ids !== undefined && merges !== undefined) {
    return byteLevelDefinition(
      parseJson(ids, 'vocab.json', model),
      parseMerges(merges),
      config.add_prefix_space === true,
    );
  }
  throw new UserError(
    'MODEL_NOT_FOUND',
    `There is no tokenizer.json or vocab.txt in a model folder ${model}, nor vocab.json with merges.txt: check the path, or copy them from where the model came from.`,
  );
}

/**
 * What tokenizer_config.json states goes before the normalizer of tokenizer.json, as in transformers.
 * Source: BertTokenizerFast.__init__ in transformers/models/bert/tokenization_bert_fast.py
 */
function withStatedNormalization(definition: JsonObject, config: JsonObject): JsonObject {
  const normalizer = definition.normalizer as JsonObject | null | undefined;
  if (normalizer?.type !== 'BertNormalizer') return definition;
  const { do_lower_case, strip_accents, tokenize_chinese_chars } = config;
  const stated = Object.entries({
    lowercase: do_lower_case,
    strip_accents,
    handle_chinese_chars: tokenize_chinese_chars,
  }).filter(([, value]) => value !== undefined);
  return { ...definition, normalizer: { ...normalizer, ...Object.fromEntries(stated) } };
}

/** @throws UserError BAD_TOKENIZER where a token is missing that every text needs */
function checkSpecialTokens(tokenizer: TextTokenizer, definition: JsonObject, model: string): void {
  const unknown = (definition.model as { unk_token?: unknown } | null)?.unk_token;
  for (const token of [...surroundingTokens(definition), ...(typeof unknown === 'string' ? [unknown] : [])]) {
    if (tokenizer.tokenId(token) === undefined) {
      throw new UserError(
        'BAD_TOKENIZER',
        `The vocabulary of ${model} has no ${token.slice(0, LONGEST_TOKEN)} token, so it is not one that the model was trained with: use the vocabulary that came with the model.`,
      );
    }
  }
}

/** Byte-level vocabularies spell letters beyond ASCII by their bytes, which looks like the wrong encoding and is right. */
function isWordPiece(definition: JsonObject): boolean {
  return (definition.model as { type?: unknown } | null)?.type !== 'BPE';
}

function unreadable(model: string, cause: unknown): UserError {
  return new UserError(
    'BAD_TOKENIZER',
    `tokenizer.json in ${model} is not a tokenizer that Caselight can read: save the model's tokenizer again with Hugging Face tokenizers, or put its vocab.txt there instead.`,
    { cause },
  );
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new UserError(
      'IO_ERROR',
      `${basename(path)} could not be read: check that it is a file and that you may read it.`,
      { cause: error },
    );
  }
}

function parseJson(text: string, name: string, model: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  } catch {
    // Reported below together with JSON of another shape.
  }
  throw new UserError(
    'BAD_TOKENIZER',
    `${name} in ${model} is not a JSON object: it may be cut short or a pointer of Git LFS; copy the file again.`,
  );
}
