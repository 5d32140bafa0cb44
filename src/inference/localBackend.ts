import { setImmediate as nextTurn } from 'node:timers/promises';
import { throwIfCancelled } from '../core/cancellation.ts';
import type { InferenceBackend, ModelSettings, PredictOptions } from './backend.ts';
import { type LoadedModel, loadModel } from './loadModel.ts';
import { packBatches } from './packing.ts';

/** Runs the model in this process: inside the inference process of the editor, and in the command line. */
export class LocalBackend implements InferenceBackend {
  #model: Promise<LoadedModel> | undefined;

  constructor(
    readonly settings: ModelSettings,
    readonly onProgress: (message: string) => void = () => {},
  ) {}

  async start(signal?: AbortSignal): Promise<void> {
    await this.#open(signal);
  }

  async predict(texts: readonly string[], { signal, onResults }: PredictOptions): Promise<void> {
    const { tokenizer, classifier, maxLength } = await this.#open(signal);
    throwIfCancelled(signal);
    const encoded = texts.map((text) => tokenizer.encode(text, maxLength));
    for (const batch of packBatches(encoded.map(({ inputIds }) => inputIds.length))) {
      throwIfCancelled(signal);
      const items = batch.map((index) => ({ index, ...(encoded[index] as (typeof encoded)[number]) }));
      const logits = await classifier.run(items.map(({ inputIds }) => inputIds));
      const { labelCount } = classifier;
      onResults(
        items.map(({ index, inputIds, truncated }, row) => ({
          index,
          logits: logits.slice(row * labelCount, (row + 1) * labelCount),
          truncated,
          tokenCount: inputIds.length,
        })),
      );
      // `run` holds the event loop: let messages in between batches.
      await nextTurn();
    }
  }

  async dispose(): Promise<void> {
    const model = await this.#model?.catch(() => undefined);
    this.#model = undefined;
    await model?.classifier.dispose();
  }

  #open(signal?: AbortSignal): Promise<LoadedModel> {
    this.#model ??= loadModel(this.settings, { onProgress: this.onProgress, ...(signal ? { signal } : {}) });
    return this.#model;
  }
}
