import { describe, expect, it } from 'vitest';
import { markdownTable, markdownText } from '../../src/core/markdown.ts';

describe('markdownText', () => {
  it.each([
    ['D/LT', 'D/LT'],
    ['a_b|c', 'a\\_b\\|c'],
    ['<img src=x>', '\\<img src=x\\>'],
    ['[x](command:y)', '\\[x\\]\\(command:y\\)'],
    ['two\nlines', 'two lines'],
  ])('shows %j as it stands', (text, expected) => expect(markdownText(text)).toBe(expected));
});

describe('markdownTable', () => {
  it('puts a rule under its head', () => {
    expect(
      markdownTable([
        ['', 'a'],
        ['recall', '0.9'],
      ]),
    ).toEqual(['|  | a |', '| --- | --- |', '| recall | 0.9 |']);
  });
});
