import { decodeField, type RecordFields } from './fields.ts';

/** What is wrong with a CSV text. */
export type CsvProblemKind = 'unclosedQuote' | 'raggedRecord' | 'duplicateHeader' | 'textAfterQuote' | 'emptyFile';

/** Something wrong with a CSV text, and where. Bad data is a value: nothing that reads CSV throws because of it. */
export interface CsvProblem {
  readonly kind: CsvProblemKind;
  /** Offsets of the characters at fault, `end` exclusive. */
  readonly start: number;
  readonly end: number;
  /** Index of the data record, or -1 for the header. */
  readonly record: number;
  /** A sentence that is fit to show a person; it never contains text of the file. */
  readonly message: string;
}

/** No more problems than this are kept of one text, so that a file where every record is wrong does not fill memory. */
export const MAX_PROBLEMS = 1_000;

/** The problem of a text without a header record. */
export function emptyFileProblem(start: number, end: number): CsvProblem {
  return { kind: 'emptyFile', start, end, record: -1, message: 'The file is empty: it needs a header record.' };
}

const fieldsInWords = (count: number): string => (count === 1 ? '1 field' : `${count} fields`);

/**
 * The problems of one record, at most one of each kind.
 *
 * @param split the fields of the record
 * @param record index of the data record, or -1 for the header
 * @param headerFieldCount number of fields that the header has
 */
export function findRecordProblems(split: RecordFields, record: number, headerFieldCount: number): CsvProblem[] {
  const { fields, unclosedQuote, textAfterQuote } = split;
  const problems: CsvProblem[] = [];
  const first = fields[0];
  const last = fields.at(-1);
  // Where a quote is never closed the number of fields is but a consequence of it.
  const isRagged = fields.length !== headerFieldCount && unclosedQuote === undefined;
  if (isRagged && first !== undefined && last !== undefined) {
    problems.push({
      kind: 'raggedRecord',
      start: first.start,
      end: last.end,
      record,
      message: `This record has ${fieldsInWords(fields.length)}, but the header has ${headerFieldCount}.`,
    });
  }
  const afterQuote = textAfterQuote === undefined ? undefined : fields[textAfterQuote];
  if (afterQuote !== undefined) {
    problems.push({
      kind: 'textAfterQuote',
      start: afterQuote.start,
      end: afterQuote.end,
      record,
      message: 'Text follows the closing quote of this field; a quote inside a quoted field must be doubled.',
    });
  }
  const unclosed = unclosedQuote === undefined ? undefined : fields[unclosedQuote];
  if (unclosed !== undefined) {
    problems.push({
      kind: 'unclosedQuote',
      start: unclosed.start,
      // The field runs to the end of the file; the quote alone is what a person has to look at.
      end: unclosed.start + 1,
      record,
      message: 'This quote is never closed, so the rest of the file belongs to one field.',
    });
  }
  return problems;
}

/** The header fields that repeat the name of an earlier one. Nameless columns are not compared. */
export function findDuplicateHeaders(text: string, { fields }: RecordFields): CsvProblem[] {
  const problems: CsvProblem[] = [];
  const columnOf = new Map<string, number>();
  for (const [column, field] of fields.entries()) {
    const name = decodeField(text, field);
    const earlier = columnOf.get(name);
    if (name === '') continue;
    if (earlier === undefined) {
      columnOf.set(name, column);
      continue;
    }
    problems.push({
      kind: 'duplicateHeader',
      start: field.start,
      end: field.end,
      record: -1,
      message: `Columns ${earlier + 1} and ${column + 1} have the same name; only the first is found by its name.`,
    });
  }
  return problems;
}
