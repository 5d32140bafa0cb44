import { describe, expect, it } from 'vitest';
import { byteLevelDefinition, parseMerges } from '../../src/tokenizer/byteLevelDefinition.ts';

describe('parseMerges', () => {
  it.each([
    ['a first line with the version', '#version: 0.2\na b\nab c\n', ['a b', 'ab c']],
    ['no version', 'a b\n', ['a b']],
    ['the line ends of Windows', '#version: 0.2\r\na b\r\n', ['a b']],
    ['a merge of the sign that begins a version', '#version: 0.2\n#version s\n# #\n', ['#version s', '# #']],
    ['no merge', '', []],
  ])('reads %s', (_, text, merges) => {
    expect(parseMerges(text)).toEqual(merges);
  });
});

describe('byteLevelDefinition', () => {
  const ids = { '<s>': 0, '</s>': 2, '<mask>': 3, a: 4, b: 5, ab: 6 };

  it('has the special tokens that are there; the mask takes the white space before it along', () => {
    expect(byteLevelDefinition(ids, ['a b'], false)).toMatchObject({
      added_tokens: [
        { id: 0, content: '<s>', lstrip: false },
        { id: 2, content: '</s>', lstrip: false },
        { id: 3, content: '<mask>', lstrip: true },
      ],
      post_processor: { cls: ['<s>', 0], sep: ['</s>', 2] },
      model: { vocab: ids, merges: ['a b'] },
    });
  });

  it.each([true, false])('reads the first word as one after a space as asked: %s', (addPrefixSpace) => {
    expect(byteLevelDefinition(ids, [], addPrefixSpace)).toMatchObject({
      pre_tokenizer: { type: 'ByteLevel', add_prefix_space: addPrefixSpace },
    });
  });
});
