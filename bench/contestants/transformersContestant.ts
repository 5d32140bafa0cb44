import path from 'node:path';
import type { TextClassificationPipeline } from '@huggingface/transformers';
import type { Classifier, ContestantSettings } from './messages.ts';

/** `pipeline('text-classification')` on the processor, truncating where its tokenizer_config.json says. */
export async function loadTransformers(settings: ContestantSettings): Promise<Classifier> {
  const { texts, modelDirectory, precision, threads } = settings;
  const { env, pipeline } = await import('@huggingface/transformers');
  env.allowRemoteModels = false;
  env.localModelPath = path.dirname(modelDirectory);
  const classifier = await pipeline('text-classification', path.basename(modelDirectory), {
    dtype: precision === 'int8' ? 'q8' : 'fp32',
    device: 'cpu',
    session_options: { intraOpNumThreads: threads, interOpNumThreads: 1 },
  });
  // The pipeline trims no text and counts characters: so does this, and only to put long texts beside long ones.
  const longestFirst = texts.toSorted((a, b) => b.length - a.length);
  return {
    async classify(mode) {
      if (mode === 'single') {
        for (const text of texts) await classifier(text);
        return;
      }
      if (mode === 'batched') throw new Error('transformers.js makes no batches of its own');
      const ordered = mode.sorted ? longestFirst : texts;
      for (let start = 0; start < ordered.length; start += mode.size) {
        await classifier(ordered.slice(start, start + mode.size));
      }
    },
    async logits() {
      const all: Float32Array[] = [];
      for (const text of texts) all.push(await logitsOf(classifier, text));
      return all;
    },
  };
}

/** What the pipeline computes before its softmax. */
async function logitsOf({ tokenizer, model }: TextClassificationPipeline, text: string): Promise<Float32Array> {
  const { logits } = await model(tokenizer([text], { padding: true, truncation: true }));
  return Float32Array.from(logits.data as Float32Array);
}
