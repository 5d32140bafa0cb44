import { setImmediate as nextTurn } from 'node:timers/promises';
import type { BertConfig } from '../checkpoint/bertConfig.ts';
import { throwIfCancelled } from '../core/cancellation.ts';
import { UserError } from '../core/userError.ts';
import { packBatches } from '../inference/packing.ts';
import { FrozenCache } from './frozenCache.ts';
import { FrozenStates, type StatesOfText } from './frozenStates.ts';
import { bytesForStates, type MemoryRoom, tooLittleMemory } from './memoryRoom.ts';
import { openFrozenEncoder } from './onnxruntime/frozenEncoder.ts';

/** What to compute hidden states of, and with what. */
export interface FrozenOptions {
  readonly config: BertConfig;
  readonly readWeights: (name: string) => Promise<Float32Array>;
  /** Encoder layers that are frozen; all of them: the result is the output at [CLS]. */
  readonly layers: number;
  readonly sequences: readonly Int32Array[];
  /** Opened for the texts. */
  readonly cache: FrozenCache;
  readonly room: MemoryRoom;
  readonly threads: number;
  readonly signal?: AbortSignal;
  /** Called with the texts that are done. */
  readonly onProgress: (done: number, total: number) => void;
}

/**
 * The hidden states of every text, from the cache or computed once. Both engines train on them. Those for which there is no
 * memory stay on the disk.
 * @throws UserError CANCELLED, OUT_OF_MEMORY, TRAINING_FAILED
 */
export async function computeFrozen(options: FrozenOptions): Promise<FrozenStates> {
  const { config, layers, sequences, cache, threads, signal, onProgress } = options;
  const atCls = layers === config.layerCount;
  const idsOf = (text: number) => sequences[text] ?? new Int32Array(0);
  const lengthOf = (text: number) => (atCls ? 1 : idsOf(text).length) * config.hiddenSize;
  const places = new StatePlaces(options.room, cache, [...sequences.keys()].map(lengthOf));
  const states: (StatesOfText | undefined)[] = [];
  const place = (text: number, own: Float32Array, isKept: boolean) =>
    places.choose(own, isKept ? () => readAgain(cache, idsOf(text), lengthOf(text)) : undefined);
  for (const [text, ids] of sequences.entries()) {
    const own = await cache.read(ids, lengthOf(text));
    states.push(own && place(text, own, true));
  }
  const missing = [...states.keys()].filter((text) => states[text] === undefined);
  let done = sequences.length - missing.length;
  if (missing.length > 0) {
    onProgress(done, sequences.length);
    const encoder = await openFrozenEncoder({ config, readWeights: options.readWeights, layers, threads });
    try {
      for (const batch of packBatches(missing.map((text) => idsOf(text).length))) {
        throwIfCancelled(signal);
        const texts = batch.map((index) => missing[index] ?? 0);
        const hidden = await encoder.encode(texts.map(idsOf));
        let offset = 0;
        for (const text of texts) {
          const own = hidden.slice(offset, offset + lengthOf(text));
          offset += own.length;
          states[text] = place(text, own, await cache.write(idsOf(text), own));
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

/** Decides which states are held in memory: what is not kept on the disk, and of the rest as much as there is room for. */
class StatePlaces {
  private readonly mostBytes: number;
  /** Most bytes of states that are on the disk too. */
  private readonly spareBytes: number;
  private heldBytes = 0;

  /**
   * @param lengths elements of each text's states
   * @throws UserError OUT_OF_MEMORY where there is room neither in memory nor on the disk
   */
  constructor(
    private readonly room: MemoryRoom,
    { capacityBytes }: FrozenCache,
    lengths: readonly number[],
  ) {
    this.mostBytes = bytesForStates(room);
    const bytes = lengths.reduce((sum, length) => sum + FrozenCache.fileBytes(length), 0);
    this.spareBytes = this.mostBytes - Math.max(0, bytes - capacityBytes);
    if (this.spareBytes < 0) throw tooLittleMemory(room, bytes - capacityBytes);
  }

  /** @param read undefined where they could not be kept on the disk */
  choose(states: Float32Array, read: (() => Promise<Float32Array>) | undefined): StatesOfText {
    const bytes = this.heldBytes + states.byteLength;
    if (read !== undefined && bytes > this.spareBytes) return read;
    if (bytes > this.mostBytes) throw tooLittleMemory(this.room, bytes);
    this.heldBytes = bytes;
    return states;
  }
}

async function readAgain(cache: FrozenCache, ids: Int32Array, length: number): Promise<Float32Array> {
  const states = await cache.read(ids, length);
  if (states !== undefined) return states;
  throw new UserError(
    'TRAINING_FAILED',
    'What the frozen layers make of a text can no longer be read from the cache, so training was stopped and nothing was changed: train again.',
  );
}
