import { stringify } from 'csv-stringify/sync';
import { startsWithByteOrderMark } from './byteOrderMark.ts';
import type { Dialect } from './dialect.ts';

/** How to encode a field. */
export interface EncodeOptions {
  /** Quotes the field whatever its value, also an empty one. */
  readonly quoted?: boolean | undefined;
  /** Puts a `'` before a value that a spreadsheet would run as a formula (csv-stringify's `escape_formulas`). */
  readonly escapeFormulas?: boolean | undefined;
}

/**
 * A value as a field of the dialect, by the rules of csv-stringify: quoted where it contains the delimiter, a quote, a CR
 * or an LF, with its quotes doubled. A value that is not empty is quoted also where `dialect.quoteAll` says so, and where it
 * begins with a byte order mark, which a reader would drop at the start of a file. Blanks around it need no quotes.
 *
 * An empty value is nothing at all, unless `quoted`: as the only field of a record it would leave a blank line.
 */
export function encodeField(
  value: string,
  dialect: Dialect,
  { quoted = false, escapeFormulas = false }: EncodeOptions = {},
): string {
  const mustQuote = quoted || (value !== '' && (dialect.quoteAll || startsWithByteOrderMark(value)));
  // Without a record delimiter csv-stringify quotes for all of CR, LF and CRLF; with one, for that one only.
  return stringify([[value]], {
    delimiter: dialect.delimiter,
    eof: false,
    escape_formulas: escapeFormulas,
    quoted: mustQuote,
    quoted_empty: mustQuote,
  });
}
