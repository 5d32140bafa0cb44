import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import type { Delimiter, Dialect, Newline } from '../../../src/core/csv/dialect.ts';

/** Any dialect. */
export const anyDialect: fc.Arbitrary<Dialect> = fc.record({
  delimiter: fc.constantFrom<Delimiter[]>(',', ';', '\t', '|'),
  newline: fc.constantFrom<Newline[]>('\n', '\r\n', '\r'),
  quoteAll: fc.boolean(),
});

/** Values that are hard to write and read: the characters of CSV, blanks, a byte order mark and a surrogate pair. */
export const anyValue: fc.Arbitrary<string> = fc.oneof(
  fc.string({
    unit: fc.constantFrom('a', 'b', ',', ';', '\t', '|', '"', '\n', '\r', ' ', '\uFEFF', 'é', '😀'),
    maxLength: 8,
  }),
  fc.constantFrom('', 'Serious', '=1+1', ' lead', 'trail '),
);

/** A rectangular table of at least two columns, the header included. */
export const anyRows: fc.Arbitrary<string[][]> = fc
  .integer({ min: 2, max: 4 })
  .chain((width) =>
    fc.array(fc.array(anyValue, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 8 }),
  );

/** Text made of little but the characters that decide where a record ends: well-formed only by chance. */
export const anyText: fc.Arbitrary<string> = fc.string({
  unit: fc.constantFrom('a', 'b', ',', ',', ';', '"', '"', '\n', '\n', '\r', '\r\n', '\uFEFF'),
  maxLength: 40,
});

/** The rows as csv-stringify writes them in the dialect. */
export function write(rows: readonly (readonly string[])[], dialect: Dialect): string {
  return stringify(
    rows.map((row) => [...row]),
    {
      delimiter: dialect.delimiter,
      record_delimiter: dialect.newline,
      quoted: dialect.quoteAll,
      // What csv-stringify leaves bare: terminators of another kind, and a byte order mark that is content.
      quoted_match: /[\r\n]|^\uFEFF/,
    },
  );
}
