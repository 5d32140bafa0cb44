/**
 * U+FEFF as a file reader leaves it at the start of a text: decoded, or as the three bytes EF BB BF where bytes were kept
 * as latin1 characters.
 */
const byteOrderMark = /^(?:\uFEFF|\u00EF\u00BB\u00BF)/;

/** Whether a value would be taken for a byte order mark if it stood at the start of a file. */
export function startsWithByteOrderMark(value: string): boolean {
  return byteOrderMark.test(value);
}

/** The value without the byte order mark it may begin with. */
export function stripByteOrderMark(value: string): string {
  return value.replace(byteOrderMark, '');
}

/**
 * Offset at which the content of `text` starts.
 *
 * @param given what the caller knows, in UTF-16 code units; it is clamped to the text. Without it only a decoded U+FEFF is
 *   skipped: the three latin1 characters could be content, so only a caller that kept bytes may say 3.
 */
export function bodyStartOf(text: string, given?: number): number {
  if (given !== undefined) return Math.min(given, text.length);
  return text.startsWith('\uFEFF') ? 1 : 0;
}
