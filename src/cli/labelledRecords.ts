import { basename } from 'node:path';
import { columnNames } from '../core/columnNames.ts';
import { UserError } from '../core/userError.ts';
import { fileSha256 } from '../models/fileSha256.ts';
import type { TrainingRecord } from '../training/trainingRun.ts';
import { describeColumns, openCaseFile, ProblemReport, windows } from './caseRecords.ts';
import type { CommandContext } from './context.ts';

/** The records of a file that have a narrative and a label. */
export interface LabelledFile {
  readonly records: readonly TrainingRecord[];
  /** Records that lack one of them. */
  readonly leftOut: number;
  readonly data: { readonly file: string; readonly sha256: string };
}

/** Reads a file to train on. @throws UserError NO_LABEL_COLUMN, or what `openCaseFile` throws */
export async function readLabelledFile(
  path: string,
  { options, signal, progress }: CommandContext,
): Promise<LabelledFile> {
  const cases = await openCaseFile(path, options, signal);
  const { csv, columns } = cases;
  try {
    if (columns.label === undefined) {
      throw new UserError(
        'NO_LABEL_COLUMN',
        `${csv.name} has no column whose name says that it holds labels: name it with --label. Its columns are ${columnNames(csv.header)}.`,
      );
    }
    const problems = new ProblemReport((line) => progress.note(line));
    problems.add(csv.headerRecord);
    const records: TrainingRecord[] = [];
    let leftOut = 0;
    for await (const window of windows(csv)) {
      for (const record of window) {
        problems.add(record);
        const [text, label] = [csv.value(record, columns.text) ?? '', csv.value(record, columns.label) ?? ''];
        if (text.trim() === '' || label.trim() === '') leftOut++;
        else records.push({ text, label });
      }
    }
    problems.end();
    progress.note(describeColumns(cases));
    return { records, leftOut, data: { file: basename(path), sha256: await fileSha256(path, signal) } };
  } finally {
    csv.close();
  }
}
