import { UserError } from '../../core/userError.ts';

/** In UTF-16 code units; longer names do not fit into a tree or a status bar. */
export const LONGEST_NAME = 100;

/** Control characters, line breaks, halves of a surrogate pair, and what turns the direction of writing. */
const UNFIT = /[\p{Cc}\p{Cs}\u2028\u2029\u202A-\u202E\u2066-\u2069]+/u;

/**
 * A name as a person typed it, made fit to be kept: spaces around it are dropped.
 * @throws UserError BAD_NAME if it is empty, too long or has control characters
 */
export function checkVersionName(typed: string): string {
  const name = typed.normalize('NFC').trim();
  if (name === '') throw badName('A model needs a name: type one that is not empty.');
  if (name.length > LONGEST_NAME) throw badName(`The name is too long: type at most ${LONGEST_NAME} characters.`);
  if (UNFIT.test(name)) throw badName('The name has characters that cannot be shown: type it without them.');
  return name;
}

/** A name out of a file, made fit to be kept whatever it is. */
export function shownVersionName(found: string): string {
  const visible = found.normalize('NFC').split(UNFIT).join(' ').trim();
  return cut(visible, LONGEST_NAME) || 'model';
}

/** Names that differ in nothing but case are the same to a person. */
export function sameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** The name, with ` (2)`, ` (3)`, ... after it if others have it already. */
export function uniqueName(name: string, taken: readonly string[]): string {
  for (let number = 1; ; number++) {
    const suffix = number === 1 ? '' : ` (${number})`;
    const candidate = cut(name, LONGEST_NAME - suffix.length) + suffix;
    if (!taken.some((each) => sameName(each, candidate))) return candidate;
  }
}

function cut(text: string, length: number): string {
  // Not between the halves of a surrogate pair.
  return text
    .slice(0, length)
    .replace(/[\uD800-\uDBFF]$/, '')
    .trim();
}

function badName(message: string): UserError {
  return new UserError('BAD_NAME', message);
}
