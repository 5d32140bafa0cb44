import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { UserError } from '../core/userError.ts';
import { isMojibake } from './mojibake.ts';
import { TextTokenizer } from './textTokenizer.ts';
import { TOKENIZER_FILES } from './tokenizerFiles.ts';
import { parseVocabulary, wordPieceDefinition } from './wordPieceDefinition.ts';

/**
 * Loads the tokenizer of a model directory from `tokenizer.json`, or else from `vocab.txt` and `tokenizer_config.json`.
 * @throws UserError MODEL_NOT_FOUND where neither is there; BAD_TOKENIZER where one does not parse, [CLS], [SEP] or [UNK] is missing, or the
 *   vocabulary was saved in the wrong encoding
 */
export async function loadTokenizer(directory: string): Promise<TextTokenizer> {
  const [definitionText, vocabularyText, configText] = await Promise.all(
    TOKENIZER_FILES.map((name) => readIfPresent(join(directory, name))),
  );
  const config = configText === undefined ? {} : parseJson(configText, 'tokenizer_config.json', directory);
  let tokenizer: TextTokenizer;
  if (definitionText !== undefined) {
    const definition = parseJson(definitionText, 'tokenizer.json', directory);
    try {
      tokenizer = new TextTokenizer(definition, config);
    } catch (cause) {
      throw new UserError(
        'BAD_TOKENIZER',
        `tokenizer.json in ${basename(directory)} is not a tokenizer that Caselight can read: save the model's tokenizer again with Hugging Face tokenizers, or put its vocab.txt there instead.`,
        { cause },
      );
    }
  } else if (vocabularyText !== undefined) {
    tokenizer = new TextTokenizer(
      wordPieceDefinition(parseVocabulary(vocabularyText), {
        ...(typeof config.do_lower_case === 'boolean' ? { lowercase: config.do_lower_case } : {}),
        ...(typeof config.strip_accents === 'boolean' ? { stripAccents: config.strip_accents } : {}),
        ...(typeof config.tokenize_chinese_chars === 'boolean' ? { splitChinese: config.tokenize_chinese_chars } : {}),
      }),
      config,
    );
  } else {
    throw new UserError(
      'MODEL_NOT_FOUND',
      `There is no tokenizer.json or vocab.txt in a model folder ${basename(directory)}: check the path, or copy one of them from where the model came from.`,
    );
  }
  for (const token of ['[CLS]', '[SEP]', '[UNK]']) {
    if (tokenizer.tokenId(token) === undefined) {
      throw new UserError(
        'BAD_TOKENIZER',
        `The vocabulary of ${basename(directory)} has no ${token} token, so it is not one that BERT was trained with: use the vocabulary that came with the model.`,
      );
    }
  }
  if (isMojibake(tokenizer.tokens())) {
    throw new UserError(
      'BAD_TOKENIZER',
      `The vocabulary of ${basename(directory)} was saved in the wrong encoding (such as "Ã©" for "é"), so words with such letters would be misread: get the file again from where the model came from, as UTF-8.`,
    );
  }
  return tokenizer;
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

function parseJson(text: string, name: string, directory: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Reported below together with JSON of another shape.
  }
  throw new UserError(
    'BAD_TOKENIZER',
    `${name} in ${basename(directory)} is not a JSON object: it may be cut short or a pointer of Git LFS; copy the file again.`,
  );
}
