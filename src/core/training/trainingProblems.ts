import { countText } from '../countText.ts';
import { UserError } from '../userError.ts';

/** Fewer records of a class than this teach a model little about it. */
const FEW = 10;

/**
 * What a person should know of the records before training starts.
 * @param counts label to number of records
 * @returns sentences; none where all is well
 * @throws UserError TOO_FEW_RECORDS where nothing can be learned
 */
export function trainingProblems(counts: ReadonlyMap<string, number>): readonly string[] {
  const labels = [...counts.keys()];
  if (labels.length < 2) {
    throw new UserError(
      'TOO_FEW_RECORDS',
      labels.length === 0
        ? 'There are no labelled records to train on: label some of each class first.'
        : `All records have the label ${labels[0]}: label some of another class too, then train.`,
    );
  }
  return [...counts]
    .filter(([, count]) => count < FEW)
    .map(([label, count]) =>
      count === 1
        ? `There is one record of ${label}: it is trained on, but nothing tells how well the model knows the class.`
        : `There are only ${countText(count)} records of ${label}: the model will know it badly, so label more of them.`,
    );
}
