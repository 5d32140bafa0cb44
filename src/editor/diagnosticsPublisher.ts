import { Diagnostic, type DiagnosticCollection, DiagnosticSeverity, type Disposable, languages, Range } from 'vscode';
import type { CsvProblem, CsvProblemKind } from '../core/csv/problems.ts';
import { percentage } from '../core/review/predictionText.ts';
import { needsReview, type RecordStatus } from '../core/review/recordStatus.ts';
import { TimeSlice } from '../inference/timeSlice.ts';
import type { CaseDocument, Summary } from './caseDocument.ts';
import { fileSettings } from './settings.ts';

/** VS Code keeps no more of one collection and file. */
const MAX_DIAGNOSTICS = 1_000;

/** `source` of all diagnostics. */
export const DIAGNOSTIC_SOURCE = 'Caselight';

const problemSeverity: Readonly<Record<CsvProblemKind, DiagnosticSeverity>> = {
  unclosedQuote: DiagnosticSeverity.Error,
  textAfterQuote: DiagnosticSeverity.Warning,
  raggedRecord: DiagnosticSeverity.Warning,
  duplicateHeader: DiagnosticSeverity.Warning,
  emptyFile: DiagnosticSeverity.Information,
};

/** Lists records that need a person, most confident predictions first, and what is wrong with the CSV. */
export class DiagnosticsPublisher implements Disposable {
  readonly #review: DiagnosticCollection = languages.createDiagnosticCollection('caselight');
  readonly #csv: DiagnosticCollection = languages.createDiagnosticCollection('caselight-csv');

  /**
   * Goes through all records.
   * @returns the counts met on the way; undefined where the document changed meanwhile and nothing was published
   */
  async publish(cases: CaseDocument): Promise<Summary | undefined> {
    const { document, table } = cases;
    // Without a label column there is no cell to complain of, and every record would be underlined.
    const severity = cases.columns?.label === undefined ? undefined : fileSettings(document).diagnosticSeverity;
    const open: { record: number; status: RecordStatus; confidence: number }[] = [];
    const summary = await cases.summarise((record, status) => {
      if (severity === undefined || !needsReview(status)) return;
      open.push({ record, status, confidence: cases.prediction(record)?.confidence ?? 0 });
    });
    if (summary === undefined || table === undefined || cases.isDisposed) return undefined;
    open.sort((a, b) => b.confidence - a.confidence);
    const review: Diagnostic[] = [];
    const slice = new TimeSlice();
    for (const { record, status } of open.slice(0, MAX_DIAGNOSTICS)) {
      if (slice.isOver) await slice.pause();
      if (cases.isDisposed || cases.table !== table) return undefined;
      review.push(reviewDiagnostic(cases, record, status, severity ?? DiagnosticSeverity.Hint));
    }
    // Setting them again makes VS Code compute quick fixes anew, and closes a menu that a person is reading.
    if (!isSame(this.#review.get(document.uri), review)) this.#review.set(document.uri, review);
    const problems = table.problems.slice(0, MAX_DIAGNOSTICS).map((problem) => csvDiagnostic(cases, problem));
    if (!isSame(this.#csv.get(document.uri), problems)) this.#csv.set(document.uri, problems);
    return summary;
  }

  clear(cases: CaseDocument): void {
    this.#review.delete(cases.document.uri);
    this.#csv.delete(cases.document.uri);
  }

  dispose(): void {
    this.#review.dispose();
    this.#csv.dispose();
  }
}

function isSame(old: readonly Diagnostic[] | undefined, now: readonly Diagnostic[]): boolean {
  return (
    old !== undefined &&
    old.length === now.length &&
    old.every((each, i) => {
      const other = now[i];
      return (
        other !== undefined &&
        each.message === other.message &&
        each.severity === other.severity &&
        each.code === other.code &&
        each.range.isEqual(other.range)
      );
    })
  );
}

function reviewDiagnostic(
  cases: CaseDocument,
  record: number,
  status: RecordStatus,
  severity: DiagnosticSeverity,
): Diagnostic {
  const { document, table, columns } = cases;
  if (table === undefined) throw new Error('a diagnostic of a document that is not scanned');
  const { start, end } = table.fields(record)[columns?.label ?? 0] ?? table.recordRange(record);
  const diagnostic = new Diagnostic(
    new Range(document.positionAt(start), document.positionAt(end)),
    reviewMessage(cases, record, status),
    severity,
  );
  diagnostic.source = DIAGNOSTIC_SOURCE;
  diagnostic.code = status;
  return diagnostic;
}

function reviewMessage(cases: CaseDocument, record: number, status: RecordStatus): string {
  const prediction = cases.prediction(record);
  const predicted = prediction ? `${prediction.label} (${percentage(prediction.confidence)})` : '';
  const { label } = cases.facts(record);
  switch (status) {
    case 'unlabelled':
      return `No label yet; predicted: ${predicted}.`;
    case 'unknownLabel':
      return `"${label}" is none of the model's labels; predicted: ${predicted}.`;
    default:
      return `Labelled ${label}; predicted: ${predicted}.`;
  }
}

function csvDiagnostic({ document }: CaseDocument, { start, end, message, kind }: CsvProblem): Diagnostic {
  const range = new Range(document.positionAt(start), document.positionAt(end));
  const diagnostic = new Diagnostic(range, message, problemSeverity[kind]);
  diagnostic.source = DIAGNOSTIC_SOURCE;
  diagnostic.code = kind;
  return diagnostic;
}
