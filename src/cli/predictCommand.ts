import { countText } from '../core/countText.ts';
import type { StreamedRecord } from '../core/csv/recordStream.ts';
import { effectiveMaxLength } from '../models/maxLength.ts';
import { type CaseFile, describeColumns, fractionRead, openCaseFile, ProblemReport, windows } from './caseRecords.ts';
import type { CommandContext } from './context.ts';
import { type DetailedPrediction, ModelSession } from './modelSession.ts';
import { openOutput } from './outputFile.ts';
import { CsvWriter } from './predictedCsv.ts';
import { UsageError } from './usageError.ts';

/** Turns a file and its predictions into the output, piece by piece. */
export interface PredictionWriter {
  /** Bytes in front of everything else. */
  readonly byteOrderMark: Buffer;
  start(): string;
  record(record: StreamedRecord, prediction: DetailedPrediction): string;
  end(): string;
  toBytes(raw: string): Buffer;
}

/** `caselight predict FILE`: predicts every record of a file of any length, in constant memory. */
export async function predictCommand({ options, signal, progress }: CommandContext): Promise<void> {
  const [path, ...more] = options.positionals;
  if (path === undefined || more.length > 0) throw new UsageError('predict takes one FILE.');
  const session = await ModelSession.open(options, (message) => progress.note(message));
  const cases = await openCaseFile(path, options, signal);
  const output = await openOutput(options.output, path);
  const writer = options.format === 'csv' ? new CsvWriter(cases, session.labels, options) : jsonLines(cases, session);
  const problems = new ProblemReport((line) => progress.note(line));
  problems.add(cases.csv.headerRecord);
  let done = 0;
  let truncated = 0;
  let empty = 0;
  try {
    // A model that cannot be loaded is found before anything is written.
    await session.start(signal);
    await output.write(Buffer.concat([writer.byteOrderMark, writer.toBytes(writer.start())]));
    for await (const window of windows(cases.csv)) {
      const texts = window.map((record) => cases.csv.value(record, cases.columns.text) ?? '');
      const predictions = await session.predict(texts, signal);
      const pieces = window.map((record, i) => {
        problems.add(record);
        return writer.record(record, predictions[i] as DetailedPrediction);
      });
      empty += texts.filter((text) => text.trim() === '').length;
      truncated += predictions.filter((prediction) => prediction.truncated).length;
      await output.write(writer.toBytes(pieces.join('')));
      done += window.length;
      progress.update(done, fractionRead(cases.csv));
    }
    await output.write(writer.toBytes(writer.end()));
    await output.commit();
  } finally {
    output.discard();
    cases.csv.close();
    progress.end();
  }
  problems.end();
  const maxLength = effectiveMaxLength(options.maxLength, session.model.config);
  const cut = truncated === 0 ? '' : `, ${countText(truncated)} longer than ${maxLength} tokens`;
  progress.note(describeColumns(cases));
  progress.note(`${countText(done)} ${done === 1 ? 'record' : 'records'} predicted${cut}`);
  if (empty > 0) {
    const count = empty === 1 ? '1 record has' : `${countText(empty)} records have`;
    progress.note(`warning: ${count} no narrative: what is predicted for an empty text means nothing, leave it out`);
  }
}

/** One JSON object a record, as the contract says. */
function jsonLines({ csv, columns }: CaseFile, { labels }: ModelSession): PredictionWriter {
  const rounded = (value: number) => Number(value.toFixed(6));
  return {
    byteOrderMark: Buffer.alloc(0),
    start: () => '',
    record: (record, { label, confidence, probabilities, logits, truncated }) =>
      `${JSON.stringify({
        record: record.index,
        id: csv.value(record, columns.id) ?? null,
        label,
        confidence: rounded(confidence),
        probabilities: Object.fromEntries(labels.map((name, i) => [name, rounded(probabilities[i] ?? 0)])),
        logits: [...logits],
        truncated,
      })}\n`,
    end: () => '',
    toBytes: (text) => Buffer.from(text, 'utf8'),
  };
}
