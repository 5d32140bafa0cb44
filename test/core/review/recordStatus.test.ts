import { describe, expect, it } from 'vitest';
import { type Prediction, toPrediction } from '../../../src/core/review/prediction.ts';
import { needsReview, noCounts, type RecordStatus, recordStatus } from '../../../src/core/review/recordStatus.ts';

const labels = ['D/LT', 'Non-serious', 'Serious'];
const serious: Prediction = toPrediction([0, 0, 5], labels, false);

describe('recordStatus', () => {
  it.each<[string, string | undefined, Prediction | undefined, boolean, RecordStatus]>([
    ['no prediction yet', 'Serious', undefined, false, 'waiting'],
    ['no prediction yet, though checked', 'Serious', undefined, true, 'waiting'],
    ['no label column', undefined, serious, false, 'unlabelled'],
    ['an empty cell', '', serious, false, 'unlabelled'],
    ['a cell of white space', ' \t\u00a0', serious, false, 'unlabelled'],
    ['an empty cell that was checked, which cannot be', '', serious, true, 'unlabelled'],
    ['the predicted label', 'Serious', serious, false, 'agreement'],
    ['the predicted label, once checked against another prediction', 'Serious', serious, true, 'agreement'],
    ['another label of the model', 'Non-serious', serious, false, 'disagreement'],
    ['a label the model does not have', 'Fatal', serious, false, 'unknownLabel'],
    ['the predicted label in other case', 'serious', serious, false, 'unknownLabel'],
    ['the predicted label with blanks around it', ' Serious\t', serious, false, 'agreement'],
    ['another label of the model with a blank', 'Non-serious ', serious, false, 'disagreement'],
    ['the predicted label with a blank in it', 'Seri ous', serious, false, 'unknownLabel'],
    ['another label that was checked', 'Non-serious', serious, true, 'checked'],
    ['an unknown label that was checked', 'Fatal', serious, true, 'checked'],
  ])('is decided for %s', (_, label, prediction, isChecked, expected) => {
    expect(recordStatus(label, prediction, new Set(labels), () => isChecked)).toBe(expected);
  });

  it.each(['Serious', '', undefined])('does not ask whether the label %s was checked', (label) => {
    const ask = () => {
      throw new Error('asked');
    };
    expect(() => recordStatus(label, serious, new Set(labels), ask)).not.toThrow();
  });
});

describe('needsReview', () => {
  it('is true of what a person should look at, and of nothing else', () => {
    const statuses = Object.keys(noCounts()) as RecordStatus[];
    expect(statuses.filter(needsReview)).toEqual(['unlabelled', 'disagreement', 'unknownLabel']);
  });
});

describe('noCounts', () => {
  it('counts nothing, each time anew', () => {
    const counts = noCounts();
    expect(Object.values(counts)).toEqual(Array.from({ length: 7 }, () => 0));
    counts.checked++;
    expect(noCounts().checked).toBe(0);
  });
});
