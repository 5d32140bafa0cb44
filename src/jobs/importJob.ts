import { sizeText } from '../core/sizeText.ts';
import { proveModel } from '../inference/proveModel.ts';
import { type ImportedModel, writeImportedModel } from '../models/importModel.ts';
import { inspectCheckpoint } from '../models/inspectCheckpoint.ts';
import { ModelRegistry } from '../models/registry/modelRegistry.ts';
import type { JobHandler } from './jobs.ts';
import { thinned } from './thinned.ts';

export const inspectJob: JobHandler<'inspect'> = async (options, { signal }) => {
  const { summary, tensors } = await inspectCheckpoint({ ...options, signal });
  await tensors.close();
  return summary;
};

export const importJob: JobHandler<'import'> = async (options, { signal, onProgress }) => {
  const { source, name, labels, registry, scope, cacheDirectory, precision, threads } = options;
  const report = thinned(onProgress);
  let imported: ImportedModel | undefined;
  const fill = async (directory: string) => {
    imported = await writeImportedModel(directory, {
      source,
      name,
      ...(labels && { labels }),
      signal,
      onProgress: (done, total) =>
        report({ message: `${sizeText(done)} of ${sizeText(total)}`, fraction: (0.9 * done) / total }),
      prove: (staged) => {
        onProgress({ message: 'predicting a sentence with it', fraction: 0.9 });
        return proveModel(staged, { cacheDirectory, precision, threads, signal });
      },
    });
  };
  const added = await new ModelRegistry(registry).add(fill, { name, scope, signal });
  if (imported === undefined) throw new Error('a version was added that was never written');
  return { ...added, summary: imported.summary };
};
