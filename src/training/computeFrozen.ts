import { setImmediate as nextTurn } from 'node:timers/promises';
import type { BertConfig } from '../checkpoint/bertConfig.ts';
import { throwIfCancelled } from '../core/cancellation.ts';
import { packBatches } from '../inference/packing.ts';
import type { FrozenCache } from './frozenCache.ts';
import { FrozenStates } from './frozenStates.ts';
import { openFrozenEncoder } from './onnxruntime/frozenEncoder.ts';

/** What to compute hidden states of, and with what. */
export interface FrozenOptions {
  readonly config: BertConfig;
  readonly readWeights: (name: string) => Promise<Float32Array>;
  /** Encoder layers that are frozen; all of them: the result is the output at [CLS]. */
  readonly layers: number;
  readonly sequences: readonly Int32Array[];
  readonly cache: FrozenCache;
  readonly threads: number;
  readonly signal?: AbortSignal;
  /** Called with the texts that are done. */
  readonly onProgress: (done: number, total: number) => void;
}

/**
 * The hidden states of every text, from the cache or computed once. Both engines train on them.
 * @throws UserError CANCELLED, TRAINING_FAILED
 */
export async function computeFrozen(options: FrozenOptions): Promise<FrozenStates> {
  const { config, layers, sequences, cache, threads, signal, onProgress } = options;
  const atCls = layers === config.layerCount;
  const states: (Float32Array | undefined)[] = [];
  for (const ids of sequences) states.push(await cache.read(ids, (atCls ? 1 : ids.length) * config.hiddenSize));
  const missing = [...states.keys()].filter((text) => states[text] === undefined);
  let done = sequences.length - missing.length;
  if (missing.length > 0) {
    onProgress(done, sequences.length);
    const encoder = await openFrozenEncoder({ config, readWeights: options.readWeights, layers, threads });
    try {
      for (const batch of packBatches(missing.map((text) => sequences[text]?.length ?? 0))) {
        throwIfCancelled(signal);
        const texts = batch.map((index) => missing[index] ?? 0);
        const ids = texts.map((text) => sequences[text] ?? new Int32Array(0));
        const hidden = await encoder.encode(ids);
        let offset = 0;
        for (const [row, text] of texts.entries()) {
          const length = (atCls ? 1 : (ids[row]?.length ?? 0)) * config.hiddenSize;
          const own = hidden.slice(offset, offset + length);
          offset += length;
          states[text] = own;
          await cache.write(ids[row] ?? new Int32Array(0), own);
        }
        done += texts.length;
        onProgress(done, sequences.length);
        await nextTurn();
      }
    } finally {
      await encoder.dispose();
    }
  }
  return new FrozenStates(states.map((state) => state ?? new Float32Array(0)));
}
