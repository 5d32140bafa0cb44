/** RoBERTa's special tokens; the mask takes the white space before it along. */
const SPECIAL_TOKENS = ['<s>', '<pad>', '</s>', '<unk>', '<mask>'];

/** Merges of `merges.txt`, one a line, the most important first; the first line may give a version. */
export function parseMerges(text: string): string[] {
  return text.split(/\r?\n/).filter((line, index) => line !== '' && !(index === 0 && line.startsWith('#version')));
}

/**
 * The `tokenizer.json` that Hugging Face's converter writes for `vocab.json` and `merges.txt` of a RoBERTa (RobertaConverter in
 * transformers/convert_slow_tokenizer.py).
 * @param ids id of each token, whose bytes are spelled as in GPT-2
 * @param addPrefixSpace whether the first word is read as if a space stood before it
 */
export function byteLevelDefinition(
  ids: Readonly<Record<string, unknown>>,
  merges: readonly string[],
  addPrefixSpace: boolean,
): Readonly<Record<string, unknown>> {
  const special = SPECIAL_TOKENS.filter((token) => Object.hasOwn(ids, token));
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: special.map((content) => ({
      id: ids[content],
      content,
      single_word: false,
      lstrip: content === '<mask>',
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: addPrefixSpace, trim_offsets: true, use_regex: true },
    post_processor: {
      type: 'RobertaProcessing',
      sep: ['</s>', ids['</s>']],
      cls: ['<s>', ids['<s>']],
      trim_offsets: true,
      add_prefix_space: addPrefixSpace,
    },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: '',
      end_of_word_suffix: '',
      fuse_unk: false,
      vocab: ids,
      merges,
    },
  };
}
