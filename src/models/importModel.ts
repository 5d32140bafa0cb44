import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { throwIfCancelled } from '../core/cancellation.ts';
import { UserError } from '../core/userError.ts';
import { classifierConfig } from './classifierConfig.ts';
import { downloadOrigin } from './downloadOrigin.ts';
import { fileSha256 } from './fileSha256.ts';
import type { ImportSummary } from './importSummary.ts';
import { type InspectedCheckpoint, type InspectOptions, inspectCheckpoint } from './inspectCheckpoint.ts';
import type { ModelManifest, ModelOrigin } from './manifest.ts';
import { asJson, ModelDirectoryWriter } from './modelDirectoryWriter.ts';
import { makeNewFolder } from './stagedFolder.ts';

/** What to import, and how to see to it. */
export interface ImportOptions extends InspectOptions {
  /** What to call the model; default: the name of its folder. */
  readonly name?: string;
  /** Called as the weights are written. */
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void;
  /** Loads the finished model, which is not at its place yet, and predicts with it; throws where it cannot. */
  readonly prove?: (directory: string, signal?: AbortSignal) => Promise<void>;
}

/** A model directory that was written. */
export interface ImportedModel {
  readonly manifest: ModelManifest;
  readonly summary: ImportSummary;
}

/**
 * Turns a checkpoint, in whatever format, into a model directory of the contract: `destination` appears whole or not at all.
 * @throws UserError OUTPUT_EXISTS where there is something already, BAD_ARGUMENT, IO_ERROR, CANCELLED, or what
 *   `inspectCheckpoint` and `prove` throw
 */
export async function importModel(options: ImportOptions & { readonly destination: string }): Promise<ImportedModel> {
  const { source, destination } = options;
  const name = options.name?.trim() || path.basename(path.resolve(destination));
  if (await isSamePlace(source, destination)) {
    throw new UserError('BAD_ARGUMENT', 'The model would overwrite the checkpoint: choose another folder for it.');
  }
  let imported: ImportedModel | undefined;
  await makeNewFolder(destination, async (temporary) => {
    imported = await writeImportedModel(temporary, { ...options, name });
  });
  if (imported === undefined) throw new Error('a folder was published that was never filled');
  return imported;
}

/**
 * Writes the files of an imported model into an empty folder that the caller publishes, or removes where this throws.
 * @throws as `importModel` does; system errors as they are
 */
export async function writeImportedModel(
  directory: string,
  options: ImportOptions & { readonly name: string },
): Promise<ImportedModel> {
  const { name, signal, onProgress, prove } = options;
  const checkpoint = await inspectCheckpoint(options);
  const { original, config, tokenizer, tensors, summary } = checkpoint;
  try {
    const writer = new ModelDirectoryWriter(directory);
    await writer.write('config.json', asJson(classifierConfig(original, config)));
    for (const [file, content] of tokenizer.files) await writer.write(file, content);
    await writer.writeWeights(tensors, { ...(signal && { signal }), ...(onProgress && { onProgress }) });
    const manifest = await writer.finish({ name, ...(await provenance(checkpoint, signal)) });
    throwIfCancelled(signal);
    await prove?.(directory, signal);
    // Whoever cancelled while it was proved does not want it.
    throwIfCancelled(signal);
    return { manifest, summary };
  } finally {
    await tensors.close();
  }
}

/** Where the model comes from. A Caselight model with its own head and labels keeps what is known of its training. */
async function provenance(checkpoint: InspectedCheckpoint, signal: AbortSignal | undefined) {
  const { directory, parent, weightFiles, fresh, seed, summary } = checkpoint;
  const download = await downloadOrigin(directory);
  const origin: ModelOrigin = {
    format: summary.format,
    files: Object.fromEntries(
      await Promise.all(
        weightFiles.map(async (file) => [file, await fileSha256(path.join(directory, file), signal)] as const),
      ),
    ),
    freshTensors: fresh,
    ...(fresh.length > 0 ? { seed } : {}),
    labels: summary.labels,
    ...(download && { download }),
  };
  const { data, hyperParameters, engine, metrics } = parent ?? {};
  const license = parent?.parent?.license;
  return {
    parent: {
      name: parent?.name ?? download?.repo ?? path.basename(directory),
      ...(license === undefined ? {} : { license }),
    },
    origin,
    ...(data && { data }),
    ...(hyperParameters && { hyperParameters }),
    ...(engine && { engine }),
    ...(metrics && { metrics }),
  };
}

async function isSamePlace(a: string, b: string): Promise<boolean> {
  const [one, other] = await Promise.all([a, b].map((place) => realpath(place).catch(() => undefined)));
  return one !== undefined && one === other;
}
