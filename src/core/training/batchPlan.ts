import { seededRandom } from '../seededRandom.ts';
import { shuffled } from './shuffled.ts';
import type { TrainingRecipe } from './trainingRecipe.ts';

/** Batches whose texts are sorted by length together: more of them waste less on padding, but mix less. */
const BUCKET_BATCHES = 8;

/**
 * The batches of one epoch, each a list of positions in `lengths`. Every position is in one batch; only the last may be small.
 * `by-length` sorts within buckets of some batches of shuffled texts, and shuffles the batches.
 * @param lengths tokens of each text
 * @param epoch from 1
 */
export function planBatches(
  lengths: readonly number[],
  { batchSize, batching, seed }: Pick<TrainingRecipe, 'batchSize' | 'batching' | 'seed'>,
  epoch: number,
): readonly (readonly number[])[] {
  const random = seededRandom(Math.imul(seed, 0x9e3779b1) + epoch);
  const order = shuffled([...lengths.keys()], random);
  if (batching === 'shuffled') return chunks(order, batchSize);
  const sorted = chunks(order, batchSize * BUCKET_BATCHES).flatMap((bucket) =>
    bucket.toSorted((a, b) => (lengths[a] ?? 0) - (lengths[b] ?? 0)),
  );
  return shuffled(chunks(sorted, batchSize), random);
}

function chunks(items: readonly number[], size: number): number[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, chunk) =>
    items.slice(chunk * size, (chunk + 1) * size),
  );
}
