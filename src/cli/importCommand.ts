import { join, resolve } from 'node:path';
import { countText } from '../core/countText.ts';
import { sizeText } from '../core/sizeText.ts';
import { proveModel } from '../inference/proveModel.ts';
import { type ImportedModel, importModel } from '../models/importModel.ts';
import { cacheDirectory } from './cacheDirectory.ts';
import type { CommandContext } from './context.ts';
import { openOutput } from './outputFile.ts';
import { UsageError } from './usageError.ts';

/** `caselight import DIR --output DIR2`: turns a checkpoint of any supported format into a model directory. */
export async function importCommand({ options, signal, progress }: CommandContext): Promise<void> {
  const [source, ...more] = options.positionals;
  if (source === undefined || more.length > 0) throw new UsageError('import takes one DIR.');
  if (options.output === '-') throw new UsageError('import takes the folder to make with --output DIR2.');
  const { output: destination, labels, name, seed, threads } = options;
  let imported: ImportedModel;
  try {
    imported = await importModel({
      source,
      destination,
      seed,
      ...(labels && { labels }),
      ...(name === undefined ? {} : { name }),
      signal,
      onProgress: (done, total) =>
        progress.update(done, done / total, `${sizeText(done)} of ${sizeText(total)} written`),
      prove: (directory) =>
        proveModel(directory, {
          cacheDirectory: join(cacheDirectory(), 'derived'),
          threads,
          signal,
          onProgress: (message) => progress.note(message),
        }),
    });
  } finally {
    progress.end();
  }
  const output = await openOutput('-');
  await output.write(options.json ? asJson(imported, destination) : asLines(imported, destination));
}

function asJson({ manifest, summary }: ImportedModel, destination: string): string {
  return `${JSON.stringify({ directory: resolve(destination), name: manifest.name, ...summary })}\n`;
}

function asLines({ manifest, summary }: ImportedModel, destination: string): string {
  const { head, freshTensors, unusedTensorCount, labels } = summary;
  const rows: [string, string][] = [
    ['model', manifest.name],
    ['folder', destination],
    [
      'architecture',
      `${summary.architecture}, ${summary.layerCount} layers of ${summary.hiddenSize}, ${summary.headCount} heads`,
    ],
    ['parameters', countText(summary.parameterCount)],
    ['vocabulary', `${countText(summary.vocabSize)} tokens`],
    ['longest text', `${countText(summary.maxPositions)} tokens`],
    ['read from', `${summary.format}, ${summary.dataTypes.join(' and ')}`],
    ['size', sizeText(summary.sizeBytes)],
    ['labels', `${labels.length}: ${labels.join(', ')}`],
    ['head', head === 'present' ? 'from the checkpoint' : `fresh: ${freshTensors.join(', ')}`],
    ['left out', `${countText(unusedTensorCount)} tensors that a classifier does not need`],
    ['proof', 'loaded, and one sentence predicted'],
  ];
  const width = Math.max(...rows.map(([what]) => what.length)) + 2;
  return [...rows.map(([what, value]) => what.padEnd(width) + value), ...summary.notes]
    .map((line) => `${line}\n`)
    .join('');
}
