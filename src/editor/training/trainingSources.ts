import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { RelativePattern, type Uri, workspace } from 'vscode';
import { TimeSlice } from '../../inference/timeSlice.ts';
import type { TrainingRun } from '../../training/trainingRun.ts';
import type { CaseDocument } from '../caseDocument.ts';
import { resolveColumns } from '../columnChoices.ts';
import type { Services } from '../services.ts';
import { readClosedFile } from './closedFile.ts';
import { type IsChecked, LabelledRecords, trainingColumns } from './labelledRecords.ts';

/** Labelled records of one or more files, and which of them the annotator checked. */
export interface TrainingSources extends Pick<LabelledRecords, 'records' | 'checked'> {
  readonly data: TrainingRun['data'];
}

const FILES = '**/*.{csv,tsv}';
const MOST_FILES = 1_000;

/** The CSV files of a folder and those below it. */
export async function filesOf(folder: Uri): Promise<readonly Uri[]> {
  return workspace.findFiles(new RelativePattern(folder, FILES), '**/{node_modules,.caselight}/**', MOST_FILES);
}

/**
 * Reads the labelled records of files: as they are in the editor where they are open, unsaved changes too, else from the disk.
 * @throws UserError NO_LABEL_COLUMN, NO_TEXT_COLUMN, FILE_NOT_FOUND and what else is wrong with a file
 */
export async function readSources(
  { documents, columns, checked }: Pick<Services, 'documents' | 'columns' | 'checked'>,
  files: readonly Uri[],
): Promise<TrainingSources> {
  const found = new LabelledRecords();
  const data: { file: string; sha256: string }[] = [];
  for (const uri of files) {
    const open = documents.all().find(({ document }) => document.uri.toString() === uri.toString());
    const isChecked: IsChecked = checked.hasAny(uri) ? (facts) => checked.has(uri, facts) : undefined;
    const columnsOf = (header: readonly string[]) => resolveColumns(header, columns.chosen(uri));
    const hash =
      open === undefined
        ? await readClosedFile(uri.fsPath, found, { columnsOf, isChecked })
        : await readDocument(open, found, isChecked);
    data.push({ file: basename(uri.path), sha256: hash });
  }
  return { records: found.records, checked: found.checked, data };
}

async function readDocument(cases: CaseDocument, found: LabelledRecords, isChecked: IsChecked): Promise<string> {
  const { table, columns, document } = cases;
  const { text, label } = trainingColumns(basename(document.uri.path), table && columns);
  const slice = new TimeSlice();
  for (let record = 0; record < (table?.recordCount ?? 0); record++) {
    if (slice.isOver) await slice.pause();
    const value = (column: number | undefined) => (column === undefined ? undefined : table?.value(record, column));
    found.add({ id: value(columns?.id), label: value(label), text: value(text) }, isChecked);
  }
  return createHash('sha256').update(document.getText()).digest('hex');
}
