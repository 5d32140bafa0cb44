import { describe, expect, it } from 'vitest';
import { scanCsv } from '../../../src/core/csv/csvScanner.ts';
import { MAX_PROBLEMS } from '../../../src/core/csv/problems.ts';

describe('problems', () => {
  it.each([
    ['a record with too few fields', 'a,b\n1,2\n3\n', [{ kind: 'raggedRecord', start: 8, end: 9, record: 1 }]],
    ['a record with too many fields', 'a,b\n1,2,3', [{ kind: 'raggedRecord', start: 4, end: 9, record: 0 }]],
    ['an unclosed quote, by the quote alone', 'a,b\n1,"2\n3', [{ kind: 'unclosedQuote', start: 6, end: 7, record: 0 }]],
    ['text after a closing quote', 'a,b\n1,"2"x\n', [{ kind: 'textAfterQuote', start: 6, end: 10, record: 0 }]],
    ['equal header names, quoted or not', 'a,b,"a",,', [{ kind: 'duplicateHeader', start: 4, end: 7, record: -1 }]],
    [
      'a malformed header',
      '"a"b,"c',
      [
        { kind: 'textAfterQuote', start: 0, end: 4, record: -1 },
        { kind: 'unclosedQuote', start: 5, end: 6, record: -1 },
      ],
    ],
    ['a text without records', '\uFEFF\n', [{ kind: 'emptyFile', start: 1, end: 2, record: -1 }]],
    [
      'several faults of one record',
      'a,b\n"1"x,"2,\n',
      [
        { kind: 'textAfterQuote', start: 4, end: 8, record: 0 },
        { kind: 'unclosedQuote', start: 9, end: 10, record: 0 },
      ],
    ],
    [
      'an unclosed quote alone in the record that it makes too short',
      'a,b\n"1,2\n',
      [{ kind: 'unclosedQuote', start: 4, end: 5, record: 0 }],
    ],
    ['nothing in a sound text', 'a,b\n\n1,2\n', []],
  ])('finds %s', (_, text, expected) => {
    const table = scanCsv(text);
    expect(table.problems.map(({ message: _message, ...rest }) => rest)).toEqual(expected);
    expect(table.problemCount).toBe(expected.length);
  });

  it('says in a sentence what is wrong and never quotes the file', () => {
    const { problems } = scanCsv('secret,secret,b\n"secret"secret\nsecret,"secret');
    expect(problems.map(({ kind }) => kind)).toEqual([
      'duplicateHeader',
      'raggedRecord',
      'textAfterQuote',
      'unclosedQuote',
    ]);
    for (const { message } of problems) {
      expect(message).toMatch(/^[A-Z].*\.$/);
      expect(message).not.toContain('secret');
    }
    expect(problems[1]?.message).toBe('This record has 1 field, but the header has 3.');
  });

  it('keeps the first problems and counts them all', () => {
    const table = scanCsv(`a,b\n1,2\n${'x\n'.repeat(5_000)}`);
    expect(table.problems.length).toBe(MAX_PROBLEMS);
    expect(table.problems.at(-1)?.record).toBe(MAX_PROBLEMS);
    expect(table.problemCount).toBe(5_000);
  });
});
