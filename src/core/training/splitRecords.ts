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
 * `stratified` lets the side of a text follow from seed and text alone, so that a model that is trained again, on more records,
 * is not examined on what the model before it was trained on. The share is therefore met about, in each class and in all. A
 * class of two texts or more has one at least on each side, for which few texts of small classes change sides.
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

/** The records of one text. */
interface TextGroup {
  readonly key: string;
  readonly records: number[];
  /** Classes of its records; more than one where they contradict each other. */
  readonly classes: Set<number>;
  /** Where it stands in the order in which texts are held out, 0 to 1. */
  readonly place: number;
}

function stratified(
  keys: readonly string[],
  classIds: ArrayLike<number>,
  share: number,
  seed: number,
): ReadonlySet<number> {
  if (share === 0) return new Set();
  const groups = new Map<string, TextGroup>();
  for (const [index, key] of keys.entries()) {
    const group = groups.get(key) ?? { key, records: [], classes: new Set(), place: seededHash(key, seed) };
    group.records.push(index);
    group.classes.add(classIds[index] as number);
    groups.set(key, group);
  }
  const ordered = [...groups.values()].sort((a, b) => a.place - b.place || (a.key < b.key ? -1 : 1));
  const heldOut = new Set(ordered.filter(({ place }) => place < share));
  const classes = [...new Set(Array.from(keys, (_, index) => classIds[index] as number))].sort((a, b) => a - b);
  const ofClass = new Map(classes.map((id) => [id, ordered.filter((group) => group.classes.has(id))]));
  const trained = (id: number) => (ofClass.get(id) ?? []).filter((group) => !heldOut.has(group));
  for (const own of ofClass.values()) {
    const last = own.at(-1);
    if (last !== undefined && own.every((group) => heldOut.has(group))) heldOut.delete(last);
  }
  for (const own of ofClass.values()) {
    if (own.some((group) => heldOut.has(group))) continue;
    const spare = own.find((group) => [...group.classes].every((id) => trained(id).length > 1));
    if (spare !== undefined) heldOut.add(spare);
  }
  return new Set([...heldOut].flatMap(({ records }) => records));
}

function lastOf(keys: readonly string[], share: number): ReadonlySet<number> {
  const cut = Math.round(keys.length * (1 - share));
  const seen = new Set(keys.slice(0, cut));
  return new Set([...keys.keys()].filter((index) => index >= cut && !seen.has(keys[index] ?? '')));
}
