import { columnNames } from '../core/columnNames.ts';
import { type ColumnFindings, findColumns } from '../core/columns.ts';
import type { StreamedRecord } from '../core/csv/recordStream.ts';
import { UserError } from '../core/userError.ts';
import { type CsvFile, openCsvFile } from '../files/csvFile.ts';
import type { CommandOptions } from './options.ts';

/** A CSV file of case narratives and where in it things are. */
export interface CaseFile {
  readonly csv: CsvFile;
  readonly columns: Omit<ColumnFindings, 'problems'> & { readonly text: number };
}

/** Records per call of the model: enough to sort by length, few enough to hold in memory. */
const WINDOW_RECORDS = 256;
const WINDOW_CHARACTERS = 1 << 20;

/**
 * Opens a file of cases and finds its columns.
 * @throws UserError NO_TEXT_COLUMN, UNKNOWN_COLUMN, or what `openCsvFile` throws
 */
export async function openCaseFile(path: string, options: CommandOptions, signal: AbortSignal): Promise<CaseFile> {
  const csv = await openCsvFile(path, options.encoding, signal);
  const { text, label, id, problems } = findColumns(csv.header, options.columns);
  const names = columnNames(csv.header);
  const [problem] = problems;
  if (problem !== undefined) {
    csv.close();
    const what =
      problem.kind === 'unknownColumn'
        ? `${csv.name} has no column "${problem.name}"`
        : `The column "${problem.name}" has another role already`;
    throw new UserError('UNKNOWN_COLUMN', `${what}: give --${problem.role} one of ${names}.`);
  }
  if (text === undefined) {
    csv.close();
    throw new UserError(
      'NO_TEXT_COLUMN',
      `${csv.name} has no column whose name says that it holds narratives: name it with --text. Its columns are ${names}; if the first line is a record, put a header before it.`,
    );
  }
  return { csv, columns: { text, label, id } };
}

/** The records of a file in groups that are predicted at once. */
export async function* windows(csv: CsvFile): AsyncGenerator<StreamedRecord[]> {
  let window: StreamedRecord[] = [];
  let characters = 0;
  for await (const record of csv.records()) {
    window.push(record);
    characters += record.raw.length;
    if (window.length < WINDOW_RECORDS && characters < WINDOW_CHARACTERS) continue;
    yield window;
    window = [];
    characters = 0;
  }
  if (window.length > 0) yield window;
}

/** One line that says what was taken for what. */
export function describeColumns({ csv, columns }: CaseFile): string {
  const { header } = csv;
  const roles = (['text', 'label', 'id'] as const).flatMap((role) => {
    const column = columns[role];
    return column === undefined ? [] : [`${role} ${columnNames([header[column] ?? ''])}`];
  });
  return `${csv.name}: ${roles.join(', ')}; ${csv.text.encoding}`;
}

/** How much of a file is read, 0 to 1; undefined for standard input. */
export function fractionRead(csv: CsvFile): number | undefined {
  return csv.sizeBytes === undefined ? undefined : csv.bytesDone / Math.max(1, csv.sizeBytes);
}

/** Tells on standard error what is wrong with records, the first few in words and the rest as a count. */
export class ProblemReport {
  #count = 0;
  #unclosed: number | undefined;

  constructor(readonly note: (line: string) => void) {}

  add(record: StreamedRecord): void {
    if (record.problems.some(({ kind }) => kind === 'unclosedQuote')) this.#unclosed = record.index;
    for (const problem of record.problems) {
      if (++this.#count > 5) continue;
      const where = problem.record < 0 ? 'header' : `record ${problem.record + 1}`;
      this.note(`warning: ${where}: ${problem.message}`);
    }
  }

  end(): void {
    if (this.#unclosed !== undefined) {
      this.note(
        `warning: everything from record ${this.#unclosed + 1} to the end of the file was read as one record: close its quote and run the command again`,
      );
    }
    if (this.#count > 5) this.note(`warning: and ${this.#count - 5} more problems of this kind`);
  }
}
