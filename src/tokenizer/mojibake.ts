import { Buffer, isUtf8 } from 'node:buffer';

const NON_ASCII = /[^\0-\x7f]/;
/** In BERT's own vocabularies no entry looks so; in one that was read in the wrong encoding nearly all do. */
const MAX_SHARE = 0.2;
const MIN_COUNT = 5;

/**
 * Whether a vocabulary was read as ISO-8859-1 although it was UTF-8 (`Ã©` for `é`): words with such letters would then become
 * other tokens than those the model was trained with.
 */
export function isMojibake(tokens: Iterable<string>): boolean {
  let nonAscii = 0;
  let misread = 0;
  for (const token of tokens) {
    const word = token.startsWith('##') ? token.slice(2) : token;
    if (!NON_ASCII.test(word)) continue;
    nonAscii++;
    const bytes = Buffer.from(word, 'latin1');
    if (bytes.toString('latin1') === word && isUtf8(bytes)) misread++;
  }
  return misread >= MIN_COUNT && misread > nonAscii * MAX_SHARE;
}
