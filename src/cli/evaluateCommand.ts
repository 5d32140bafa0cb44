import { columnNames } from '../core/columnNames.ts';
import { type ClassificationReport, ConfusionCounter } from '../core/metrics/classificationReport.ts';
import { percentage } from '../core/review/predictionText.ts';
import { knownLabel } from '../core/review/recordStatus.ts';
import { UserError } from '../core/userError.ts';
import { describeColumns, fractionRead, openCaseFile, ProblemReport, windows } from './caseRecords.ts';
import type { CommandContext } from './context.ts';
import { ModelSession } from './modelSession.ts';
import { openOutput } from './outputFile.ts';
import { UsageError } from './usageError.ts';

/** What `evaluate` finds; the fields of the contract, and those that say what was left out. */
interface Evaluation extends ClassificationReport {
  /** Records of the file. */
  readonly records: number;
  /** Records with an empty label. */
  readonly unlabelled: number;
  /** Labels that the model does not have, with their counts; such records are not scored. */
  readonly unknownLabels: Readonly<Record<string, number>>;
  /** Mean cross-entropy of the scored records, natural logarithm; null where none was scored. */
  readonly loss: number | null;
}

/** `caselight evaluate FILE`: compares the predictions with the label column. */
export async function evaluateCommand({ options, signal, progress }: CommandContext): Promise<void> {
  const [path, ...more] = options.positionals;
  if (path === undefined || more.length > 0) throw new UsageError('evaluate takes one FILE.');
  const session = await ModelSession.open(options, (message) => progress.note(message));
  const cases = await openCaseFile(path, options, signal);
  const { csv, columns } = cases;
  if (columns.label === undefined) {
    csv.close();
    const names = columnNames(csv.header);
    throw new UserError(
      'NO_LABEL_COLUMN',
      `${csv.name} has no column whose name says that it holds labels: name it with --label. Its columns are ${names}.`,
    );
  }
  const { labels } = session;
  const indexes = new Map(labels.map((label, index) => [label, index]));
  const counter = new ConfusionCounter(labels);
  const problems = new ProblemReport((line) => progress.note(line));
  problems.add(csv.headerRecord);
  const unknown = new Map<string, number>();
  let [records, unlabelled, lossSum] = [0, 0, 0];
  try {
    for await (const window of windows(csv)) {
      const scored: { text: string; actual: number }[] = [];
      for (const record of window) {
        problems.add(record);
        const label = csv.value(record, columns.label) ?? '';
        const actual = indexes.get(knownLabel(label, (each) => indexes.has(each)) ?? label);
        if (actual !== undefined) scored.push({ text: csv.value(record, columns.text) ?? '', actual });
        else if (label.trim() === '') unlabelled++;
        else unknown.set(label, (unknown.get(label) ?? 0) + 1);
      }
      const predictions = await session.predict(
        scored.map(({ text }) => text),
        signal,
      );
      for (const [i, { labelIndex, probabilities }] of predictions.entries()) {
        const actual = scored[i]?.actual ?? 0;
        counter.add(actual, labelIndex);
        lossSum -= Math.log(Math.max(probabilities[actual] ?? 0, Number.MIN_VALUE));
      }
      records += window.length;
      progress.update(records, fractionRead(csv));
    }
  } finally {
    csv.close();
    progress.end();
  }
  problems.end();
  progress.note(describeColumns(cases));
  const report = counter.report();
  const { scored } = report;
  const evaluation: Evaluation = {
    records,
    unlabelled,
    unknownLabels: Object.fromEntries(unknown),
    loss: scored === 0 ? null : lossSum / scored,
    ...report,
  };
  const output = await openOutput('-');
  await output.write(options.json ? `${JSON.stringify(evaluation)}\n` : asTable(evaluation));
}

function asTable(evaluation: Evaluation): string {
  const { records, unlabelled, unknownLabels, loss, scored, labels, perClass, confusionMatrix } = evaluation;
  const width = Math.max(10, ...labels.map((label) => label.length));
  const cell = (value: string | number) => String(value).padStart(12);
  const fixed = (value: number) => cell(value.toFixed(3));
  const lines = [
    `${records} records: ${scored} scored, ${unlabelled} unlabelled`,
    ...Object.entries(unknownLabels).map(([label, n]) => `${n} not scored: the model has no label "${label}"`),
  ];
  if (scored > 0) {
    lines.push(
      `accuracy ${percentage(evaluation.accuracy, 1)}, macro F1 ${evaluation.macroF1.toFixed(3)}, loss ${loss?.toFixed(3)}`,
      '',
      ' '.repeat(width) + ['precision', 'recall', 'f1', 'support'].map(cell).join(''),
      ...labels.map((label) => {
        const metrics = perClass[label];
        const { precision = 0, recall = 0, f1 = 0, support = 0 } = metrics ?? {};
        return label.padEnd(width) + fixed(precision) + fixed(recall) + fixed(f1) + cell(support);
      }),
      '',
      `${'actual \\ predicted'.padEnd(width)}`,
      ' '.repeat(width) + labels.map(cell).join(''),
      ...labels.map((label, i) => label.padEnd(width) + (confusionMatrix[i] ?? []).map(cell).join('')),
    );
  }
  return `${lines.join('\n')}\n`;
}
