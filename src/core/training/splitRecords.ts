import { seededHash } from '../seededHash.ts';
import type { TrainingRecipe } from './trainingRecipe.ts';

/** Positions of the records on each side, ascending. */
export interface RecordSplit {
  readonly train: readonly number[];
  readonly validation: readonly number[];
}

/**
 * Holds out a share of the records. Records of one text are on one side, whatever their labels: a model is not examined on
 * what it has learned by heart. Texts that differ in white space or capitals alone count as one.
 *
 * `stratified` takes the share of each class, as near as whole texts allow, and leaves each class at least one record to learn
 * from. Texts are held out in an order that follows from seed and text alone, so that a model that is trained again, on more
 * records, is hardly examined on what the model before it was trained on: only texts at the edge of the share change sides.
 * `in-order` takes the last records of the file, and moves a text that is on both sides to training.
 * @param texts, classIds of the records, in their order
 */
export function splitRecords(
  texts: readonly string[],
  classIds: ArrayLike<number>,
  { validation, split, seed }: Pick<TrainingRecipe, 'validation' | 'split' | 'seed'>,
): RecordSplit {
  const keys = texts.map((text) => text.trim().replace(/\s+/gu, ' ').toLowerCase());
  const heldOut = split === 'stratified' ? stratified(keys, classIds, validation, seed) : lastOf(keys, validation);
  const side = (wanted: boolean) => [...texts.keys()].filter((index) => heldOut.has(index) === wanted);
  return { train: side(false), validation: side(true) };
}

function stratified(
  keys: readonly string[],
  classIds: ArrayLike<number>,
  share: number,
  seed: number,
): ReadonlySet<number> {
  if (share === 0) return new Set();
  const byText = new Map<string, number[]>();
  const counts = new Map<number, number>();
  for (const [index, key] of keys.entries()) {
    const id = classIds[index] as number;
    counts.set(id, (counts.get(id) ?? 0) + 1);
    const group = byText.get(key);
    if (group === undefined) byText.set(key, [index]);
    else group.push(index);
  }
  // Records of each class that are still to be held out.
  const wanted = new Map(
    [...counts].map(([id, count]) => [id, Math.min(Math.max(1, Math.round(count * share)), count - 1)]),
  );
  const placed = [...byText].map(([key, group]) => ({ key, group, place: seededHash(key, seed) }));
  const heldOut = new Set<number>();
  for (const { group } of placed.sort((a, b) => a.place - b.place || (a.key < b.key ? -1 : 1))) {
    const needs = new Map<number, number>();
    for (const index of group) needs.set(classIds[index] as number, (needs.get(classIds[index] as number) ?? 0) + 1);
    if ([...needs].some(([id, count]) => (wanted.get(id) ?? 0) < count)) continue;
    for (const index of group) heldOut.add(index);
    for (const [id, count] of needs) wanted.set(id, (wanted.get(id) ?? 0) - count);
  }
  return heldOut;
}

function lastOf(keys: readonly string[], share: number): ReadonlySet<number> {
  const cut = Math.round(keys.length * (1 - share));
  const seen = new Set(keys.slice(0, cut));
  return new Set([...keys.keys()].filter((index) => index >= cut && !seen.has(keys[index] ?? '')));
}
