import { Uri, window, workspace } from 'vscode';
import { UserError } from '../core/userError.ts';
import type { CaseDocument } from './caseDocument.ts';
import type { CaseDocuments } from './caseDocuments.ts';
import { changedMeanwhile } from './labelEditor.ts';

/** A record as a command argument: what quick fixes and hover links pass. */
export interface RecordTarget {
  readonly uri: string;
  /** Index of the data record. */
  readonly record: number;
  /** Version of the document in which it was the record meant; without it the record is taken as it stands. */
  readonly version?: number;
}

/** A record of an open document. */
export interface FoundRecord {
  readonly cases: CaseDocument;
  readonly record: number;
}

/**
 * The record that a command is about: the one it was given, or the one at the cursor.
 * @throws UserError where there is none, or where another record stands in its place by now
 */
export async function findRecord(documents: CaseDocuments, target?: unknown): Promise<FoundRecord> {
  if (isRecordTarget(target)) {
    const uri = Uri.parse(target.uri, true).toString();
    const document = workspace.textDocuments.find((open) => open.uri.toString() === uri);
    const cases = documents.get(document);
    const isMeant = target.version === undefined || target.version === document?.version;
    if (cases?.table === undefined || target.record >= cases.table.recordCount || !isMeant) throw changedMeanwhile();
    return { cases, record: target.record };
  }
  const cases = await documents.active();
  const offset = cases.document.offsetAt(window.activeTextEditor?.selection.active ?? cases.document.positionAt(0));
  const record = cases.table?.recordAt(offset);
  if (record === undefined || record < 0) {
    throw new UserError(
      'BAD_ARGUMENT',
      'The cursor is not in a record: put it into one below the header and try again.',
    );
  }
  return { cases, record };
}

/** The target that `findRecord` takes back to a record. */
export function targetOf(cases: CaseDocument, record: number): RecordTarget {
  return { uri: cases.document.uri.toString(), record, version: cases.document.version };
}

function isRecordTarget(value: unknown): value is RecordTarget {
  const target = value as RecordTarget | undefined;
  return typeof target?.uri === 'string' && Number.isSafeInteger(target.record) && target.record >= 0;
}
