/** The part of `tokenizer_config.json` that decides how a `vocab.txt` is read. */
export interface WordPieceOptions {
  /** Lower-case the text and strip its accents; undefined: decided by the vocabulary. */
  readonly lowercase?: boolean;
  /** undefined: as Hugging Face does, strip accents exactly when lower-casing. */
  readonly stripAccents?: boolean | null;
  /** Put every CJK character apart; default true. */
  readonly splitChinese?: boolean;
}

/** Tokens of `vocab.txt`, one a line, the line number being the id. */
export function parseVocabulary(text: string): string[] {
  const tokens = text.split(/\r?\n/);
  if (tokens.at(-1) === '') tokens.pop();
  return tokens;
}

/**
 * Whether a vocabulary was made from lower-cased text: no ordinary entry has an upper-case letter.
 * Needed because checkpoints such as BioBERT v1.1 ship a cased `vocab.txt` and no `tokenizer_config.json`, and the
 * library default (lower-case) would quietly turn their capitals into other tokens.
 */
export function isUncasedVocabulary(tokens: readonly string[]): boolean {
  return !tokens.some((token) => /\p{Lu}/u.test(token) && !/^\[.*\]$/.test(token));
}

/**
 * The `tokenizer.json` that Hugging Face's converter writes for a BERT `vocab.txt` (BertConverter in
 * transformers/convert_slow_tokenizer.py).
 */
export function wordPieceDefinition(
  tokens: readonly string[],
  options: WordPieceOptions = {},
): Readonly<Record<string, unknown>> {
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const special = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'].filter((token) => ids.has(token));
  const template = (token: string) => ({ SpecialToken: { id: token, type_id: 0 } });
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: special.map((content) => ({
      id: ids.get(content),
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: options.splitChinese ?? true,
      strip_accents: options.stripAccents ?? null,
      lowercase: options.lowercase ?? isUncasedVocabulary(tokens),
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [template('[CLS]'), { Sequence: { id: 'A', type_id: 0 } }, template('[SEP]')],
      pair: [],
      special_tokens: Object.fromEntries(
        ['[CLS]', '[SEP]'].map((token) => [token, { id: token, ids: [ids.get(token)], tokens: [token] }]),
      ),
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(ids),
    },
  };
}
