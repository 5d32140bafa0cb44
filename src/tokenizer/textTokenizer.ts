import { ByteLevelPreTokenizer, Tokenizer } from '@huggingface/tokenizers';

/** Token ids of one text. */
export interface EncodedText {
  /** [CLS], the word pieces, [SEP], or what the model has in their place; at most `maxLength` ids. */
  readonly inputIds: readonly number[];
  /** True when word pieces were cut off to fit into `maxLength`. */
  readonly truncated: boolean;
}

// Ideographs beyond the Basic Multilingual Plane, as BERT's BasicTokenizer lists them.
const RARE_IDEOGRAPHS =
  /[\u{20000}-\u{2A6DF}\u{2A700}-\u{2B73F}\u{2B740}-\u{2B81F}\u{2B820}-\u{2CEAF}\u{2F800}-\u{2FA1F}]/gu;

// How GPT-2 puts words apart, with white space as Unicode has it: JavaScript's \s has U+FEFF as well and lacks U+0085.
const WORDS =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?(?:[^\s\x85\p{L}\p{N}]|\ufeff)+|(?:(?!\ufeff)[\s\x85])+(?=(?:(?!\ufeff)[\s\x85])|$)|(?:(?!\ufeff)[\s\x85])+/gu;

// No word piece is shorter than a character, but a long word may become one [UNK]; most texts need 4 characters a token.
const CHARACTERS_PER_TOKEN = 16;

/**
 * A Hugging Face tokenizer that puts one token before a text and one behind it, plus what `@huggingface/tokenizers` 0.2 leaves to
 * its caller: truncation, and the places where it differs from the reference. Its BertNormalizer does not put ideographs beyond
 * U+FFFF apart, and lower-cases a Greek capital sigma at the end of a word by context; its ByteLevel has another white space.
 */
export class TextTokenizer {
  readonly #tokenizer: Tokenizer;
  readonly #splitsChinese: boolean;
  readonly #lowercases: boolean;

  /**
   * @param definition content of `tokenizer.json`
   * @param config content of `tokenizer_config.json`
   */
  constructor(definition: object, config: object) {
    this.#tokenizer = new Tokenizer(definition, config);
    if (this.#tokenizer.pre_tokenizer instanceof ByteLevelPreTokenizer) this.#tokenizer.pre_tokenizer.pattern = WORDS;
    const normalizer = (definition as { normalizer?: Record<string, unknown> | null }).normalizer;
    const isBert = normalizer?.type === 'BertNormalizer';
    this.#splitsChinese = isBert && normalizer.handle_chinese_chars !== false;
    this.#lowercases = isBert && normalizer.lowercase === true;
  }

  /** The largest token id, for the check against the rows of the embedding. */
  get maxTokenId(): number {
    let max = -1;
    for (const id of this.#ids.values()) if (id > max) max = id;
    return max;
  }

  /** All entries of the vocabulary, in no particular order. */
  tokens(): Iterable<string> {
    return this.#ids.keys();
  }

  /** Id of a token, or undefined where the vocabulary does not have it. */
  tokenId(token: string): number | undefined {
    return this.#tokenizer.token_to_id(token);
  }

  /** @param maxLength most ids to return, special tokens included; at least 2 */
  encode(text: string, maxLength: number): EncodedText {
    if (maxLength < 2) throw new Error(`maxLength ${maxLength} leaves no room for [CLS] and [SEP]`);
    // Only the beginning of a very long narrative can be read by the model, so only that is tokenized. Words are
    // encoded apart from each other, so a cut between a word and white space leaves the pieces before it as they are.
    for (let limit = maxLength * CHARACTERS_PER_TOKEN; ; limit *= 4) {
      const end = cutBehindWord(text, limit);
      const ids = this.#encode(text.slice(0, end));
      if (ids.length > maxLength) {
        return { inputIds: [...ids.slice(0, maxLength - 1), ids.at(-1) ?? 0], truncated: true };
      }
      if (end === text.length) return { inputIds: ids, truncated: false };
    }
  }

  /** Not `get_vocab`, which counts up to the largest id: in a damaged file that may take minutes. */
  get #ids(): ReadonlyMap<string, number> {
    return this.#tokenizer.model?.tokens_to_ids ?? new Map();
  }

  #encode(text: string): number[] {
    let prepared = text;
    if (this.#splitsChinese) prepared = prepared.replace(RARE_IDEOGRAPHS, ' $& ');
    if (this.#lowercases) prepared = prepared.replaceAll('Σ', 'σ');
    return this.#tokenizer.encode(prepared).ids;
  }
}

/** The last end of a word up to `limit`, or the end of the text where there is none. */
function cutBehindWord(text: string, limit: number): number {
  if (text.length <= limit) return text.length;
  for (let i = limit; i > 0; i--) {
    const code = text.charCodeAt(i);
    if ((code === 0x20 || code === 0x0a) && !/\s/.test(text.charAt(i - 1))) return i;
  }
  return text.length;
}
