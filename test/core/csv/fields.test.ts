import { describe, expect, it } from 'vitest';
import { decodeField, splitRecord } from '../../../src/core/csv/fields.ts';

describe('splitRecord and decodeField', () => {
  it.each<[string, string, string[]]>([
    ['bare fields', 'a,b', ['a', 'b']],
    ['empty fields', ',,', ['', '', '']],
    ['quoted fields with delimiters and newlines', '"a,b","c\r\nd"', ['a,b', 'c\r\nd']],
    ['doubled quotes', '"say ""hi""",""""', ['say "hi"', '"']],
    ['an empty quoted field', '"",a', ['', 'a']],
    ['a quote within a bare field as it stands', 'a"b,5" tall', ['a"b', '5" tall']],
    ['blanks before a quote as a bare field', ' "a"', [' "a"']],
    ['text after a closing quote as part of the value', '"a"b"c,d', ['ab"c', 'd']],
    ['an unclosed quote as all that follows', 'a,"b""c,d', ['a', 'b"c,d']],
    ['blanks as they are', ' a , b ', [' a ', ' b ']],
  ])('reads %s', (_, record, values) => {
    const text = `before\n${record}\nafter`;
    const { fields } = splitRecord(text, 7, 7 + record.length, ',');
    expect(fields.map((field) => decodeField(text, field))).toEqual(values);
    expect(fields.map(({ start, end }) => text.slice(start, end)).join(',')).toBe(record);
  });

  it('says where a field lies with its quotes, and which is malformed', () => {
    expect(splitRecord('x\n1,"a"b,"c', 2, 11, ',')).toEqual({
      fields: [
        { start: 2, end: 3, quoted: false },
        { start: 4, end: 8, quoted: true },
        { start: 9, end: 11, quoted: true },
      ],
      textAfterQuote: 1,
      unclosedQuote: 2,
    });
  });
});
