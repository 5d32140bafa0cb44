import { tokenizerMaxLength } from '../models/maxLength.ts';
import { loadTokenizer } from '../tokenizer/loadTokenizer.ts';
import { fractionRead, openCaseFile, ProblemReport } from './caseRecords.ts';
import type { CommandContext } from './context.ts';
import { openOutput } from './outputFile.ts';
import { UsageError } from './usageError.ts';

/** `caselight tokens FILE`: WordPiece ids of the text column, one JSON object a record. Needs no weights. */
export async function tokensCommand({ options, signal, progress }: CommandContext): Promise<void> {
  const [path, ...more] = options.positionals;
  if (path === undefined || more.length > 0) throw new UsageError('tokens takes one FILE.');
  const tokenizer = await loadTokenizer(options.model);
  const maxLength = await tokenizerMaxLength(options.model, options.maxLength);
  const { csv, columns } = await openCaseFile(path, options, signal);
  const output = await openOutput('-');
  const problems = new ProblemReport((line) => progress.note(line));
  problems.add(csv.headerRecord);
  let done = 0;
  try {
    for await (const record of csv.records()) {
      signal.throwIfAborted();
      const { inputIds, truncated } = tokenizer.encode(csv.value(record, columns.text) ?? '', maxLength);
      await output.write(`${JSON.stringify({ record: record.index, inputIds, truncated })}\n`);
      problems.add(record);
      progress.update(++done, fractionRead(csv));
    }
  } finally {
    csv.close();
    progress.end();
  }
  problems.end();
}
