import type { CaseColumns } from '../../core/resolveColumns.ts';
import { TimeSlice } from '../../inference/timeSlice.ts';
import { type IsChecked, type LabelledRecords, trainingColumns } from './labelledRecords.ts';

/** How to read a file that is not open. */
export interface ClosedFileOptions {
  readonly columnsOf: (header: readonly string[]) => Pick<CaseColumns, 'text' | 'label' | 'id'>;
  readonly isChecked: IsChecked;
}

/**
 * Reads the labelled records of a file from the disk.
 * @throws UserError NO_LABEL_COLUMN, NO_TEXT_COLUMN, FILE_NOT_FOUND and what else is wrong with the file
 */
export async function readClosedFile(
  path: string,
  found: LabelledRecords,
  { columnsOf, isChecked }: ClosedFileOptions,
): Promise<void> {
  // Loaded when it is asked for: its tables of encodings are large.
  const { openCsvFile } = await import('../../files/csvFile.ts');
  const csv = await openCsvFile(path);
  try {
    const columns = columnsOf(csv.header);
    const { text, label } = trainingColumns(csv.name, columns);
    const slice = new TimeSlice();
    for await (const record of csv.records()) {
      if (slice.isOver) await slice.pause();
      const value = (column: number | undefined) => csv.value(record, column);
      found.add({ id: value(columns.id), label: value(label), text: value(text) }, isChecked);
    }
  } finally {
    csv.close();
  }
}
