import { basename } from 'node:path';
import { RelativePattern, type Uri, workspace } from 'vscode';
import { type ColumnDecisions, resolveColumns } from '../../core/resolveColumns.ts';
import type { UnfitFile } from '../../core/training/leftOutFiles.ts';
import { UserError } from '../../core/userError.ts';
import { TimeSlice } from '../../inference/timeSlice.ts';
import type { TrainingRecord, TrainingRun } from '../../training/trainingRun.ts';
import type { CaseDocument } from '../caseDocument.ts';
import type { Services } from '../services.ts';
import { describeData } from './describeData.ts';

/** Labelled records of one or more files. */
export interface TrainingSources {
  readonly records: readonly TrainingRecord[];
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
  { documents, columns, log }: Pick<Services, 'documents' | 'columns' | 'log'>,
  files: readonly Uri[],
  { leaveOut = false }: { readonly leaveOut?: boolean } = {},
): Promise<TrainingSources> {
  const records: TrainingRecord[] = [];
  const data: TrainingRun['data'][number][] = [];
  const read: Uri[] = [];
  const unfit: UnfitFile[] = [];
  for (const uri of files) {
    const file = basename(uri.path);
    try {
      const open = await documents.scanned(uri);
      const found = open === undefined ? await readFile(uri.fsPath, columns.chosenFor(uri)) : await readDocument(open);
      const described = await describeData(uri.fsPath, found.unsaved);
      for (const record of found.records) records.push(record);
      data.push(described);
      read.push(uri);
    } catch (error) {
      // The only file, or the last of those that cannot be learned from, says what is wrong with it.
      const isLast = read.length === 0 && unfit.length === files.length - 1;
      if (!leaveOut || isLast || !(error instanceof UserError)) throw error;
      log.warn(`${file} is left out: ${error.message}`);
      unfit.push({ file, code: error.code });
    }
  }
  return { records, data, files: read, unfit };
}

interface ReadFile {
  readonly records: readonly TrainingRecord[];
  /** Its text, where the disk has another. */
  readonly unsaved?: string;
}

async function readDocument({ table, columns, document }: CaseDocument): Promise<ReadFile> {
  const file = basename(document.uri.path);
  const [text, label] = [columns?.text, columns?.label];
  if (table === undefined) throw new UserError('FILE_CHANGED', `${file} is being read: try again in a moment.`);
  if (text === undefined || label === undefined) throw missingColumn(file, text);
  const records: TrainingRecord[] = [];
  // The records are those of now, whatever is typed or saved meanwhile.
  const { version, isDirty } = document;
  const slice = new TimeSlice();
  for (let record = 0; record < table.recordCount; record++) {
    if (slice.isOver) await slice.pause();
    add(records, table.value(record, text), table.value(record, label));
  }
  const isOnDisk = !isDirty && document.version === version && document.uri.scheme === 'file';
  return isOnDisk ? { records } : { records, unsaved: table.text };
}

async function readFile(path: string, decisions: ColumnDecisions): Promise<ReadFile> {
  // Loaded when it is asked for: its tables of encodings are large.
  const { openCsvFile } = await import('../../files/csvFile.ts');
  const csv = await openCsvFile(path);
  try {
    const { text, label } = resolveColumns(csv.header, decisions);
    if (text === undefined || label === undefined) throw missingColumn(csv.name, text);
    const records: TrainingRecord[] = [];
    const slice = new TimeSlice();
    for await (const record of csv.records()) {
      if (slice.isOver) await slice.pause();
      add(records, csv.value(record, text), csv.value(record, label));
    }
    return { records };
  } finally {
    csv.close();
  }
}

function add(records: TrainingRecord[], text: string | undefined, label: string | undefined): void {
  if (text === undefined || label === undefined || text.trim() === '' || label.trim() === '') return;
  records.push({ text, label });
}

function missingColumn(file: string, text: number | undefined): UserError {
  return text === undefined
    ? new UserError(
        'NO_TEXT_COLUMN',
        `No column of ${file} looks like a narrative: open it, run "Caselight: Choose Columns…", and train again.`,
      )
    : new UserError(
        'NO_LABEL_COLUMN',
        `${file} has no column of labels: open it, run "Caselight: Choose Columns…" or "Caselight: Add Label Column…", and train again.`,
      );
}
