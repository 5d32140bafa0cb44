import { sizeText } from '../core/sizeText.ts';
import { type InstallSummary, installTensorFlow } from '../training/tensorflow/install/installTensorFlow.ts';
import type { TensorFlowSource } from '../training/tensorflow/install/obtainArchive.ts';
import { cacheDirectory } from './cacheDirectory.ts';
import type { CommandContext } from './context.ts';
import type { CommandOptions } from './options.ts';
import { openOutput } from './outputFile.ts';
import { UsageError } from './usageError.ts';

/** `caselight install-tensorflow`: installs the native library of the TensorFlow engine into the cache folder. */
export async function installTensorFlowCommand({ options, signal, progress }: CommandContext): Promise<void> {
  if (options.positionals.length > 0) throw new UsageError('install-tensorflow takes options only.');
  const source = sourceOf(options);
  let summary: InstallSummary;
  try {
    summary = await installTensorFlow({
      root: cacheDirectory(),
      source,
      force: options.force,
      signal,
      onProgress: ({ message, fraction }) => progress.update(0, fraction, message),
      onNotice: (sentence) => progress.note(sentence),
    });
  } finally {
    progress.end();
    const isDownload = source.kind === 'upstream' || source.kind === 'mirror';
    if (signal.aborted && isDownload)
      progress.note('What was received is kept: the same command goes on where this one stopped.');
  }
  const output = await openOutput('-');
  await output.write(options.json ? `${JSON.stringify(summary)}\n` : asLine(summary));
}

/** @throws UsageError */
function sourceOf({ file, sha256, mirror, pip }: CommandOptions): TensorFlowSource {
  if ([file !== undefined, mirror !== undefined, pip].filter(Boolean).length > 1) {
    throw new UsageError('install-tensorflow takes one of --file FILE, --mirror URL and --pip.');
  }
  if (sha256 !== undefined && file === undefined) throw new UsageError('--sha256 says what --file FILE has to be.');
  if (file !== undefined) return { kind: 'file', path: file, ...(sha256 === undefined ? {} : { sha256 }) };
  if (mirror !== undefined) return { kind: 'mirror', baseUrl: mirror };
  return { kind: pip ? 'pip' : 'upstream' };
}

function asLine({ installation, isNew }: InstallSummary): string {
  const { version, folder, files } = installation;
  if (!isNew) return `TensorFlow ${version} is installed already in ${folder}; --force installs it again.\n`;
  const size = sizeText(files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
  return `TensorFlow ${version} is installed in ${folder}, ${size}.\n`;
}
