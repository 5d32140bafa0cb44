import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../core/userError.ts';
import { TOKENIZER_FILES } from '../tokenizer/tokenizerFiles.ts';
import { isUncasedVocabulary, parseVocabulary } from '../tokenizer/wordPieceDefinition.ts';
import { asJson } from './modelDirectoryWriter.ts';

const CONFIG = 'tokenizer_config.json';
/** What Python's tokenizers read, of which Caselight uses the first few. */
const CARRIED = [...TOKENIZER_FILES, 'special_tokens_map.json', 'added_tokens.json'];

type JsonObject = Readonly<Record<string, unknown>>;

/** The tokenizer files of a new model directory. */
export interface CarriedTokenizer {
  /** Base name to content. */
  readonly files: ReadonlyMap<string, string | Uint8Array>;
  /** Whether text is lower-cased, where no file said so and the vocabulary decided. */
  readonly decidedLowercase?: boolean;
}

/**
 * The tokenizer files of a checkpoint, so that Python reads texts as Caselight does: transformers lower-cases unless
 * tokenizer_config.json says otherwise, whatever tokenizer.json and the vocabulary are like. The tokenizer was loaded before, so
 * its files are known to be right.
 * Source: BertTokenizer in transformers/models/bert/tokenization_bert.py
 * @throws UserError IO_ERROR
 */
export async function carriedTokenizer(directory: string): Promise<CarriedTokenizer> {
  const files = new Map<string, string | Uint8Array>();
  for (const name of CARRIED) {
    const content = await readIfPresent(path.join(directory, name));
    if (content !== undefined) files.set(name, content);
  }
  const json = (name: string) => JSON.parse(files.get(name)?.toString() ?? '{}') as JsonObject;
  const written = json(CONFIG);
  const vocabulary = files.get('vocab.txt');
  const byVocabulary = !files.has('tokenizer.json') && vocabulary !== undefined && written.do_lower_case === undefined;
  const implied = byVocabulary
    ? { do_lower_case: isUncasedVocabulary(parseVocabulary(vocabulary.toString())) }
    : normalization(json('tokenizer.json').normalizer);
  const unsaid = Object.entries(implied).filter(([key, value]) => value !== undefined && written[key] === undefined);
  if (unsaid.length > 0) files.set(CONFIG, asJson({ ...written, ...Object.fromEntries(unsaid) }));
  return { files, ...(byVocabulary ? { decidedLowercase: implied.do_lower_case === true } : {}) };
}

/** What the normalizer of a tokenizer.json says, in the words of tokenizer_config.json; nothing where it is not BERT's. */
function normalization(normalizer: unknown): JsonObject {
  const { type, lowercase, strip_accents, handle_chinese_chars } = (normalizer ?? {}) as JsonObject;
  if (type !== 'BertNormalizer') return {};
  return { do_lower_case: lowercase, strip_accents, tokenize_chinese_chars: handle_chinese_chars };
}

async function readIfPresent(file: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(file);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    const name = path.basename(file);
    throw new UserError('IO_ERROR', `${name} could not be read: check that it is a file and that you may read it.`, {
      cause,
    });
  }
}
