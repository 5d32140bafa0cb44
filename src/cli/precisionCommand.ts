import { precisionReportText } from '../core/review/precisionReportText.ts';
import { UserError } from '../core/userError.ts';
import { LocalBackend } from '../inference/localBackend.ts';
import { measurePrecision } from '../inference/precisionReport.ts';
import { fractionRead, openCaseFile, ProblemReport } from './caseRecords.ts';
import type { CommandContext } from './context.ts';
import { ModelSession } from './modelSession.ts';
import { openOutput } from './outputFile.ts';
import { UsageError } from './usageError.ts';

/** `caselight precision FILE`: what int8 changes against fp32 on a sample of the file's narratives. */
export async function precisionCommand(context: CommandContext): Promise<void> {
  const { options, signal, progress } = context;
  const [path, ...more] = options.positionals;
  if (path === undefined || more.length > 0) throw new UsageError('precision takes one FILE.');
  const note = (message: string) => progress.note(message);
  const { model, settings } = await ModelSession.open(options, note);
  const texts = await readNarratives(path, context);
  try {
    const report = await measurePrecision({
      model,
      modelSettings: settings,
      texts,
      sampleSize: options.sample,
      seed: options.seed,
      signal,
      onProgress: (done, total) => progress.update(done, done / total),
      createBackend: (each) => new LocalBackend(each, note),
    });
    progress.end();
    const output = await openOutput('-');
    await output.write(options.json ? `${JSON.stringify(report)}\n` : `${precisionReportText(report)}\n`);
  } finally {
    progress.end();
  }
}

async function readNarratives(path: string, { options, signal, progress }: CommandContext): Promise<string[]> {
  const { csv, columns } = await openCaseFile(path, options, signal);
  const problems = new ProblemReport((line) => progress.note(line));
  problems.add(csv.headerRecord);
  const texts: string[] = [];
  try {
    for await (const record of csv.records()) {
      signal.throwIfAborted();
      problems.add(record);
      texts.push(csv.value(record, columns.text) ?? '');
      progress.update(texts.length, fractionRead(csv));
    }
  } finally {
    csv.close();
    progress.end();
  }
  problems.end();
  if (texts.every((text) => text.trim() === '')) {
    throw new UserError(
      'EMPTY_FILE',
      `${csv.name} has no narrative to compare the precisions on: choose a file with some, or name their column with --text.`,
    );
  }
  return texts;
}
