import { resolve } from 'node:path';
import { countText } from '../core/countText.ts';
import { sizeText } from '../core/sizeText.ts';
import { type DownloadSummary, downloadModel } from '../download/downloadModel.ts';
import type { CommandContext } from './context.ts';
import { openOutput } from './outputFile.ts';
import { UsageError } from './usageError.ts';

/** `caselight download REPO --output DIR`: fetches a checkpoint from a Hugging Face hub. */
export async function downloadCommand({ options, signal, progress }: CommandContext): Promise<void> {
  const [repo, ...more] = options.positionals;
  if (repo === undefined || more.length > 0) throw new UsageError('download takes one REPO, such as owner/name.');
  if (options.output === '-') throw new UsageError('download takes the folder to make with --output DIR.');
  const { revision, endpoint, output: destination } = options;
  let summary: DownloadSummary;
  try {
    summary = await downloadModel({
      repo,
      revision,
      endpoint,
      destination,
      signal,
      onProgress: ({ file, receivedBytes, totalBytes }) =>
        progress.update(
          receivedBytes,
          receivedBytes / totalBytes,
          `${sizeText(receivedBytes)} of ${sizeText(totalBytes)}, ${file}`,
        ),
      onNotice: (sentence) => progress.note(sentence),
    });
  } finally {
    progress.end();
    if (signal.aborted) progress.note('What was received is kept: the same command goes on where this one stopped.');
  }
  const output = await openOutput('-');
  await output.write(options.json ? asJson(summary, destination) : asLines(summary, destination));
}

function asJson(summary: DownloadSummary, destination: string): string {
  return `${JSON.stringify({ directory: resolve(destination), ...summary })}\n`;
}

function asLines(summary: DownloadSummary, destination: string): string {
  const { repo, revision, commit, endpoint, files, totalBytes, resumedBytes } = summary;
  const resumed = resumedBytes === 0 ? '' : `, ${sizeText(resumedBytes)} of it from an earlier run`;
  const rows: [string, string][] = [
    ['repository', `${endpoint}/${repo}`],
    ['revision', `${revision}, commit ${commit}`],
    ['folder', destination],
    ...files.map(({ name, sizeBytes }): [string, string] => ['file', `${name}, ${countText(sizeBytes)} bytes`]),
    ['size', `${sizeText(totalBytes)}${resumed}`],
    ['proof', 'every checksum is as the hub lists it; caselight-download.json has them on record'],
  ];
  const width = Math.max(...rows.map(([what]) => what.length)) + 2;
  return [...rows.map(([what, value]) => what.padEnd(width) + value), ...nextSteps(summary, destination)]
    .map((line) => `${line}\n`)
    .join('');
}

function nextSteps({ files, isClassifier }: DownloadSummary, destination: string): string[] {
  const hasTokenizer = files.some(({ name }) => ['tokenizer.json', 'vocab.txt', 'vocab.json'].includes(name));
  const asItIs = isClassifier ? ` It is a classifier already: --model ${destination} works too.` : '';
  return [
    ...(hasTokenizer ? [] : ['It has no tokenizer: copy vocab.txt of the model that it was trained from there first.']),
    `Next: caselight import ${destination} --output DIR2 makes a model folder of it.${asItIs}`,
  ];
}
