import { describe, expect, it } from 'vitest';
import { trainingProblems } from '../../../src/core/training/trainingProblems.ts';

describe('trainingProblems', () => {
  it.each<[string, [string, number][], RegExp]>([
    ['there is no record', [], /no labelled records/],
    ['all have one label', [['Serious', 90]], /All records have the label Serious: label some of another class/],
  ])('refuses to train where %s', (_, counts, message) => {
    expect(() => trainingProblems(new Map(counts))).toThrow(message);
  });

  it('tells of classes with few records', () => {
    expect(
      trainingProblems(
        new Map([
          ['D/LT', 1],
          ['Serious', 9],
          ['Non-serious', 10],
        ]),
      ),
    ).toEqual([
      'There is one record of D/LT: it is trained on, but nothing tells how well the model knows the class.',
      'There are only 9 records of Serious: the model will know it badly, so label more of them.',
    ]);
  });
});
