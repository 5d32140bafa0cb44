import { basename } from 'node:path';
import { RelativePattern, type Uri, workspace } from 'vscode';
import { resolveColumns } from '../../core/resolveColumns.ts';
import type { UnfitFile } from '../../core/training/leftOutFiles.ts';
import { UserError } from '../../core/userError.ts';
import { TimeSlice } from '../../inference/timeSlice.ts';
import type { TrainingRun } from '../../training/trainingRun.ts';
import type { CaseDocument } from '../caseDocument.ts';
import type { Services } from '../services.ts';
import { readClosedFile } from './closedFile.ts';
import { describeData } from './describeData.ts';
import { type IsChecked, LabelledRecords, trainingColumns } from './labelledRecords.ts';

/** Labelled records of one or more files, and which of them the annotator checked. */
export interface TrainingSources extends Pick<LabelledRecords, 'records' | 'checked'> {
  readonly data: TrainingRun['data'];
  /** The files that they are from. */
  readonly files: readonly Uri[];
  /** Those that were left out. */
  readonly unfit: readonly UnfitFile[];
}

/** The CSV files of a folder. */
export interface FolderFiles {
  readonly files: readonly Uri[];
  /** Whether there are more than these. */
  readonly isCut: boolean;
}

const FILES = '**/*.{csv,tsv}';
/** Files that are read of a folder. */
export const MOST_FILES = 1_000;

/** The CSV files of a folder and those below it. @throws UserError FILE_NOT_FOUND where there is none */
export async function filesOf(folder: Uri): Promise<FolderFiles> {
  const pattern = new RelativePattern(folder, FILES);
  const found = await workspace.findFiles(pattern, '**/{node_modules,.caselight}/**', MOST_FILES + 1);
  if (found.length === 0) {
    throw new UserError('FILE_NOT_FOUND', `There is no CSV file in ${basename(folder.path)}: choose another folder.`);
  }
  const files = found.toSorted((a, b) => (a.path < b.path ? -1 : 1)).slice(0, MOST_FILES);
  return { files, isCut: found.length > MOST_FILES };
}

/**
 * Reads the labelled records of files: as they are in the editor where they are open, unsaved changes too, else from the disk.
 * @param options.leaveOut leaves out files that cannot be learned from, unless that is true of all
 * @throws UserError NO_LABEL_COLUMN, NO_TEXT_COLUMN, FILE_NOT_FOUND and what else is wrong with a file
 */
export async function readSources(
  { documents, columns, checked, log }: Pick<Services, 'documents' | 'columns' | 'checked' | 'log'>,
  files: readonly Uri[],
  { leaveOut = false }: { readonly leaveOut?: boolean } = {},
): Promise<TrainingSources> {
  const all = new LabelledRecords();
  const data: TrainingRun['data'][number][] = [];
  const read: Uri[] = [];
  const unfit: UnfitFile[] = [];
  for (const uri of files) {
    const file = basename(uri.path);
    const isChecked: IsChecked = checked.hasAny(uri) ? (facts) => checked.has(uri, facts) : undefined;
    try {
      const found = new LabelledRecords();
      const open = await documents.scanned(uri);
      const columnsOf = (header: readonly string[]) => resolveColumns(header, columns.chosenFor(uri));
      let unsaved: string | undefined;
      if (open === undefined) await readClosedFile(uri.fsPath, found, { columnsOf, isChecked });
      else unsaved = await readDocument(open, found, isChecked);
      data.push(await describeData(uri.fsPath, unsaved));
      all.addAll(found);
      read.push(uri);
    } catch (error) {
      // The only file, or the last of those that cannot be learned from, says what is wrong with it.
      const isLast = read.length === 0 && unfit.length === files.length - 1;
      if (!leaveOut || isLast || !(error instanceof UserError)) throw error;
      log.warn(`${file} is left out: ${error.message}`);
      unfit.push({ file, code: error.code });
    }
  }
  return { records: all.records, checked: all.checked, data, files: read, unfit };
}

/** Reads a document as it is now. @returns its text, where the disk has another */
async function readDocument(
  { table, columns, document }: CaseDocument,
  found: LabelledRecords,
  isChecked: IsChecked,
): Promise<string | undefined> {
  const file = basename(document.uri.path);
  if (table === undefined) throw new UserError('FILE_CHANGED', `${file} is being read: try again in a moment.`);
  const { text, label } = trainingColumns(file, columns);
  // The records are those of now, whatever is typed or saved meanwhile.
  const { version, isDirty } = document;
  const slice = new TimeSlice();
  for (let record = 0; record < table.recordCount; record++) {
    if (slice.isOver) await slice.pause();
    const value = (column: number | undefined) => (column === undefined ? undefined : table.value(record, column));
    found.add({ id: value(columns?.id), label: value(label), text: value(text) }, isChecked);
  }
  const isOnDisk = !isDirty && document.version === version && document.uri.scheme === 'file';
  return isOnDisk ? undefined : table.text;
}
