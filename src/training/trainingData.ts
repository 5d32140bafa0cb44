import { encodeLabels } from '../core/training/labelEncoding.ts';
import { splitRecords } from '../core/training/splitRecords.ts';
import type { TrainingRecipe } from '../core/training/trainingRecipe.ts';
import type { TextTokenizer } from '../tokenizer/textTokenizer.ts';
import type { TrainingRecord } from './trainingRun.ts';

/** Encoded texts with the ids of their classes. */
export interface EncodedRecords {
  readonly sequences: readonly Int32Array[];
  readonly classIds: Int32Array;
}

/** Records on both sides of the split. */
export interface SplitRecords {
  readonly train: readonly TrainingRecord[];
  readonly validation: readonly TrainingRecord[];
  /** Of the records that are trained on, sorted. */
  readonly labels: readonly string[];
  /** Validation records whose label no training record has: they cannot be scored. */
  readonly unknownLabels: number;
}

/** Records whose labels are without the white space around them, which nobody sees and which would make another class of them. */
export function withPlainLabels(records: readonly TrainingRecord[]): readonly TrainingRecord[] {
  return records.map(({ text, label }) => ({ text, label: label.trim() }));
}

/** Splits the records, unless records to validate on were given. */
export function divideRecords(
  given: readonly TrainingRecord[],
  givenValidation: readonly TrainingRecord[] | undefined,
  recipe: TrainingRecipe,
): SplitRecords {
  const records = withPlainLabels(given);
  const validationRecords = givenValidation && withPlainLabels(givenValidation);
  const { labels, classIds } = encodeLabels(records.map(({ label }) => label));
  if (validationRecords !== undefined) {
    const known = validationRecords.filter(({ label }) => labels.includes(label));
    return { train: records, validation: known, labels, unknownLabels: validationRecords.length - known.length };
  }
  const split = splitRecords(
    records.map(({ text }) => text),
    classIds,
    recipe,
  );
  const side = (indexes: readonly number[]) => indexes.flatMap((index) => records[index] ?? []);
  const train = side(split.train);
  const trained = encodeLabels(train.map(({ label }) => label)).labels;
  const validation = side(split.validation).filter(({ label }) => trained.includes(label));
  return { train, validation, labels: trained, unknownLabels: split.validation.length - validation.length };
}

/** @param labels in the order of the class ids; every record has one of them */
export function encodeRecords(
  records: readonly TrainingRecord[],
  labels: readonly string[],
  tokenizer: TextTokenizer,
  maxLength: number,
): EncodedRecords {
  return {
    sequences: records.map(({ text }) => Int32Array.from(tokenizer.encode(text, maxLength).inputIds)),
    classIds: Int32Array.from(records, ({ label }) => labels.indexOf(label)),
  };
}
