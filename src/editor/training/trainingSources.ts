import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { RelativePattern, type Uri, workspace } from 'vscode';
import { findColumns } from '../../core/columns.ts';
import { UserError } from '../../core/userError.ts';
import { TimeSlice } from '../../inference/timeSlice.ts';
import type { TrainingRecord, TrainingRun } from '../../training/trainingRun.ts';
import type { CaseDocument } from '../caseDocument.ts';
import type { CaseDocuments } from '../caseDocuments.ts';

/** Labelled records of one or more files. */
export interface TrainingSources {
  readonly records: readonly TrainingRecord[];
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
export async function readSources(documents: CaseDocuments, files: readonly Uri[]): Promise<TrainingSources> {
  const records: TrainingRecord[] = [];
  const data: { file: string; sha256: string }[] = [];
  for (const uri of files) {
    const open = documents.all().find(({ document }) => document.uri.toString() === uri.toString());
    const hash = open === undefined ? await readFile(uri.fsPath, records) : await readDocument(open, records);
    data.push({ file: basename(uri.path), sha256: hash });
  }
  return { records, data };
}

async function readDocument(cases: CaseDocument, records: TrainingRecord[]): Promise<string> {
  const { table, columns, document } = cases;
  const file = basename(document.uri.path);
  const [text, label] = [columns?.text, columns?.label];
  if (table === undefined || text === undefined || label === undefined) throw missingColumn(file, text);
  const slice = new TimeSlice();
  for (let record = 0; record < table.recordCount; record++) {
    if (slice.isOver) await slice.pause();
    add(records, table.value(record, text), table.value(record, label));
  }
  return createHash('sha256').update(document.getText()).digest('hex');
}

async function readFile(path: string, records: TrainingRecord[]): Promise<string> {
  // Loaded when it is asked for: its tables of encodings are large.
  const { openCsvFile } = await import('../../files/csvFile.ts');
  const csv = await openCsvFile(path);
  try {
    const { text, label } = findColumns(csv.header);
    if (text === undefined || label === undefined) throw missingColumn(csv.name, text);
    const hash = createHash('sha256');
    for await (const record of csv.records()) {
      hash.update(record.raw);
      add(records, csv.value(record, text), csv.value(record, label));
    }
    return hash.digest('hex');
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
