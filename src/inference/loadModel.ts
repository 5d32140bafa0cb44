import { parseBertConfig } from '../checkpoint/bertConfig.ts';
import { openCheckpoint } from '../checkpoint/openCheckpoint.ts';
import { UserError } from '../core/userError.ts';
import { deriveModel } from '../models/derivedModel.ts';
import { modelStamp, readModelFile } from '../models/describeModel.ts';
import { effectiveMaxLength } from '../models/maxLength.ts';
import { loadModelTokenizer } from '../models/modelTokenizer.ts';
import type { TextTokenizer } from '../tokenizer/textTokenizer.ts';
import type { ModelSettings } from './backend.ts';
import { OnnxClassifier } from './classifier.ts';

/** A model that is ready to predict. */
export interface LoadedModel {
  readonly tokenizer: TextTokenizer;
  readonly classifier: OnnxClassifier;
  /** Most tokens it reads of a text. */
  readonly maxLength: number;
}

/**
 * Loads tokenizer and weights of a model directory; derives the ONNX files on first use.
 * @throws UserError for whatever is wrong with the directory
 */
export async function loadModel(
  settings: ModelSettings,
  { signal, onProgress }: { signal?: AbortSignal; onProgress: (message: string) => void },
): Promise<LoadedModel> {
  const { modelDirectory, modelHash, cacheDirectory, precision, threads } = settings;
  const config = parseBertConfig(await readModelFile(modelDirectory, 'config.json'));
  const tokenizer = await loadModelTokenizer(modelDirectory, config);
  if ((await modelStamp(modelDirectory)) !== settings.modelStamp) {
    throw new UserError(
      'FILE_CHANGED',
      'The files of the model changed since it was chosen: reload the window, or run "Caselight: Choose Model…", to use it as it is now.',
    );
  }
  const source = await openCheckpoint(modelDirectory);
  const progress = preparation(precision, onProgress);
  try {
    const { modelPath } = await deriveModel({
      config,
      source,
      sourceHash: modelHash,
      precision,
      cacheDirectory,
      ...(signal ? { signal } : {}),
      onProgress: progress.report,
    }).finally(progress.end);
    const classifier = await OnnxClassifier.open({ modelPath, labelCount: config.labels.length, threads });
    return { tokenizer, classifier, maxLength: effectiveMaxLength(settings.maxLength, config) };
  } finally {
    await source.close();
  }
}

const BEAT_MS = 10_000;

/** Tells at once that a model is being prepared, and then now and then that it still is: silence counts as a hang. */
function preparation(precision: string, tell: (message: string) => void) {
  let fraction: number | undefined;
  const beat = setInterval(() => {
    if (fraction !== undefined) tell(`preparing the model in ${precision}: ${Math.round(fraction * 100)} %`);
  }, BEAT_MS);
  return {
    report: (done: number) => {
      if (fraction === undefined) tell(`preparing the model in ${precision}; this happens once`);
      fraction = done;
    },
    end: () => clearInterval(beat),
  };
}
