/** Files a tokenizer is made from, in order of preference; their content is part of what identifies a model. */
export const TOKENIZER_FILES = [
  'tokenizer.json',
  'vocab.txt',
  'vocab.json',
  'merges.txt',
  'tokenizer_config.json',
] as const;
