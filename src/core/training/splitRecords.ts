import { seededRandom } from '../seededRandom.ts';
import { shuffled } from './shuffled.ts';
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
 * from. `in-order` takes the last records of the file, and moves a text that is on both sides to training.
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
  const byText = new Map<string, number[]>();
  for (const [index, key] of keys.entries()) {
    const group = byText.get(key);
    if (group === undefined) byText.set(key, [index]);
    else group.push(index);
  }
  const left = new Map<number, { count: number; wanted: number }>();
  for (const [index] of keys.entries()) {
    const id = classIds[index] as number;
    const entry = left.get(id) ?? { count: 0, wanted: 0 };
    entry.count++;
    left.set(id, entry);
  }
  for (const entry of left.values()) entry.wanted = Math.min(Math.round(entry.count * share), entry.count - 1);
  const heldOut = new Set<number>();
  for (const group of shuffled([...byText.values()], seededRandom(seed))) {
    const needs = new Map<number, number>();
    for (const index of group) needs.set(classIds[index] as number, (needs.get(classIds[index] as number) ?? 0) + 1);
    if ([...needs].some(([id, count]) => (left.get(id)?.wanted ?? 0) < count)) continue;
    for (const index of group) heldOut.add(index);
    for (const [id, count] of needs) {
      const entry = left.get(id);
      if (entry !== undefined) entry.wanted -= count;
    }
  }
  return heldOut;
}

function lastOf(keys: readonly string[], share: number): ReadonlySet<number> {
  const cut = Math.round(keys.length * (1 - share));
  const seen = new Set(keys.slice(0, cut));
  return new Set([...keys.keys()].filter((index) => index >= cut && !seen.has(keys[index] ?? '')));
}
