import type { BertConfig } from '../checkpoint/bertConfig.ts';
import { UserError } from '../core/userError.ts';
import { loadTokenizer } from '../tokenizer/loadTokenizer.ts';
import type { TextTokenizer } from '../tokenizer/textTokenizer.ts';

/**
 * Loads the tokenizer of a model directory and checks that every id it can give has a row in the embeddings.
 * @throws UserError BAD_TOKENIZER, or what `loadTokenizer` throws
 */
export async function loadModelTokenizer(
  directory: string,
  { vocabSize }: Pick<BertConfig, 'vocabSize'>,
): Promise<TextTokenizer> {
  const tokenizer = await loadTokenizer(directory);
  if (tokenizer.maxTokenId < vocabSize) return tokenizer;
  throw new UserError(
    'BAD_TOKENIZER',
    `The vocabulary has ${tokenizer.maxTokenId + 1} tokens but config.json says vocab_size ${vocabSize}: take tokenizer and weights from the same model.`,
  );
}
