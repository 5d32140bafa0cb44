import { LocalBackend } from '../../src/inference/localBackend.ts';
import { describeModel } from '../../src/models/describeModel.ts';
import { benchFolder } from '../benchFolder.ts';
import type { Classifier, ContestantSettings } from './messages.ts';

/** Caselight as its inference process runs it, from the hash of the model's files on. */
export async function loadCaselight(settings: ContestantSettings): Promise<Classifier> {
  const { texts, modelDirectory, precision, maxLength, threads } = settings;
  const { hash, stamp } = await describeModel(modelDirectory);
  const backend = new LocalBackend({
    modelDirectory,
    modelHash: hash,
    modelStamp: stamp,
    cacheDirectory: benchFolder('derived'),
    precision,
    maxLength,
    threads,
  });
  await backend.start();
  return {
    async classify(mode) {
      if (mode === 'batched') await backend.predict(texts, { onResults: () => {} });
      else if (mode === 'single') for (const text of texts) await backend.predict([text], { onResults: () => {} });
      else throw new Error('Caselight makes its batches itself');
    },
    async logits() {
      const all = new Array<Float32Array>(texts.length);
      await backend.predict(texts, {
        onResults: (results) => {
          for (const { index, logits } of results) all[index] = logits;
        },
      });
      return all;
    },
  };
}
