import type { CaseColumns } from '../../core/resolveColumns.ts';
import { UserError } from '../../core/userError.ts';
import type { TrainingRecord } from '../../training/trainingRun.ts';
import { type RecordFacts, recordFacts } from '../recordFacts.ts';

/** Texts of the cells of a record; undefined where it has none. */
export type RecordCells = Readonly<Record<'id' | 'label' | 'text', string | undefined>>;

/** Whether a person decided on the label of a record; undefined for a file none of whose labels they decided on. */
export type IsChecked = ((facts: RecordFacts) => boolean) | undefined;

/** Labelled records as they are gathered from files. */
export class LabelledRecords {
  readonly records: TrainingRecord[] = [];
  /** Those of them whose label a person decided on. */
  readonly checked: TrainingRecord[] = [];

  /** Takes a record, unless it has no narrative or no label. */
  add({ id, label, text }: RecordCells, isChecked: IsChecked): void {
    if (text === undefined || label === undefined || text.trim() === '' || label.trim() === '') return;
    const record = { text, label: label.trim() };
    this.records.push(record);
    if (isChecked === undefined) return;
    if (asOpened(text).some((each) => isChecked(recordFacts(id, label, each)))) this.checked.push(record);
  }

  /** Takes the records of a whole file. */
  addAll({ records, checked }: LabelledRecords): void {
    for (const record of records) this.records.push(record);
    for (const record of checked) this.checked.push(record);
  }
}

/** What a narrative may be in an editor, where the marks were made: VS Code makes all line ends of a file the same. */
function asOpened(text: string): readonly string[] {
  if (!/[\r\n]/.test(text)) return [text];
  return ['\n', '\r\n'].map((end) => text.replace(/\r\n|\n|\r/g, end));
}

/**
 * The columns of a file that is trained on.
 * @param file what to call it in messages
 * @throws UserError NO_LABEL_COLUMN, NO_TEXT_COLUMN
 */
export function trainingColumns(
  file: string,
  columns: Pick<CaseColumns, 'text' | 'label'> | undefined,
): { readonly text: number; readonly label: number } {
  const { text, label } = columns ?? {};
  if (text === undefined) {
    throw new UserError(
      'NO_TEXT_COLUMN',
      `No column of ${file} looks like a narrative: open it, run "Caselight: Choose Columns…", and train again.`,
    );
  }
  if (label === undefined) {
    throw new UserError(
      'NO_LABEL_COLUMN',
      `${file} has no column of labels: open it, run "Caselight: Choose Columns…" or "Caselight: Add Label Column…", and train again.`,
    );
  }
  return { text, label };
}
