import type { Prediction } from './prediction.ts';

/**
 * How the label in the file stands to the prediction.
 * - `noNarrative`: the text cell is empty, so there is nothing to predict
 * - `waiting`: no prediction yet
 * - `unlabelled`: the label cell is empty, or the file has no label column
 * - `agreement`, `disagreement`: the label is, or is not, the predicted one
 * - `unknownLabel`: the label is none of the model's classes; it is named, never mapped to one
 * - `checked`: a person decided on this label against the prediction
 */
export type RecordStatus =
  | 'noNarrative'
  | 'waiting'
  | 'unlabelled'
  | 'agreement'
  | 'disagreement'
  | 'unknownLabel'
  | 'checked';

/**
 * The status of a record that has a narrative.
 * @param label text of the label cell; undefined where the record or the file has none
 * @param isChecked asked only where the label is not the predicted one
 */
export function recordStatus(
  label: string | undefined,
  prediction: Prediction | undefined,
  modelLabels: ReadonlySet<string>,
  isChecked: () => boolean,
): RecordStatus {
  if (prediction === undefined) return 'waiting';
  // White space alone is what a person sees as an empty cell.
  if (label === undefined || label.trim() === '') return 'unlabelled';
  const known = knownLabel(label, (each) => modelLabels.has(each));
  if (known === prediction.label) return 'agreement';
  if (isChecked()) return 'checked';
  return known === undefined ? 'unknownLabel' : 'disagreement';
}

/**
 * The label of the model that a cell has. White space around it is not seen, and does not count, in training neither; any other
 * text is compared exactly.
 * @param isKnown whether the model has a label
 * @returns undefined where the model has none such
 */
export function knownLabel(label: string, isKnown: (label: string) => boolean): string | undefined {
  return [label, label.trim()].find(isKnown);
}

/** Whether a person should look at the record: these carry a diagnostic and are stops of next/previous. */
export function needsReview(status: RecordStatus): boolean {
  return status === 'unlabelled' || status === 'disagreement' || status === 'unknownLabel';
}

/** Records by status. */
export type StatusCounts = Record<RecordStatus, number>;

export function noCounts(): StatusCounts {
  return {
    noNarrative: 0,
    waiting: 0,
    unlabelled: 0,
    agreement: 0,
    disagreement: 0,
    unknownLabel: 0,
    checked: 0,
  };
}
