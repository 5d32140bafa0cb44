import { join } from 'node:path';
import { parseBertConfig } from '../checkpoint/bertConfig.ts';
import { SafetensorsFile } from '../checkpoint/safetensors.ts';
import { UserError } from '../core/userError.ts';
import { deriveModel } from '../models/derivedModel.ts';
import { readModelFile, WEIGHTS_FILE } from '../models/describeModel.ts';
import { effectiveMaxLength } from '../models/maxLength.ts';
import { loadTokenizer } from '../tokenizer/loadTokenizer.ts';
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
  const tokenizer = await loadTokenizer(modelDirectory);
  if (tokenizer.maxTokenId >= config.vocabSize) {
    throw new UserError(
      'BAD_TOKENIZER',
      `The vocabulary has ${tokenizer.maxTokenId + 1} tokens but config.json says vocab_size ${config.vocabSize}: take tokenizer and weights from the same model.`,
    );
  }
  const source = await SafetensorsFile.open(join(modelDirectory, WEIGHTS_FILE));
  try {
    let told = false;
    const { modelPath } = await deriveModel({
      config,
      source,
      sourceHash: modelHash,
      precision,
      cacheDirectory,
      ...(signal ? { signal } : {}),
      onProgress: () => {
        if (!told) onProgress(`preparing the model in ${precision}; this happens once`);
        told = true;
      },
    });
    const classifier = await OnnxClassifier.open({ modelPath, labelCount: config.labels.length, threads });
    return { tokenizer, classifier, maxLength: effectiveMaxLength(settings.maxLength, config) };
  } finally {
    await source.close();
  }
}
