import { describe, expect, it } from 'vitest';
import { surroundingTokens } from '../../src/tokenizer/specialTokens.ts';

const template = {
  type: 'TemplateProcessing',
  single: [{ SpecialToken: { id: '[CLS]' } }, { Sequence: { id: 'A' } }, { SpecialToken: { id: '[SEP]' } }],
};

describe('surroundingTokens', () => {
  it.each<[string, unknown, readonly string[]]>([
    ['a template', template, ['[CLS]', '[SEP]']],
    ["BERT's own kind", { type: 'BertProcessing', cls: ['[CLS]', 101], sep: ['[SEP]', 102] }, ['[CLS]', '[SEP]']],
    ["RoBERTa's own kind", { type: 'RobertaProcessing', cls: ['<s>', 0], sep: ['</s>', 2] }, ['<s>', '</s>']],
    ['a sequence', { type: 'Sequence', processors: [{ type: 'ByteLevel' }, template] }, ['[CLS]', '[SEP]']],
    ['one that adds nothing', { type: 'ByteLevel' }, []],
    ['none', null, []],
    ['no object', 'x', []],
    ['a damaged template', { type: 'TemplateProcessing', single: [null, 7, { SpecialToken: { id: 7 } }] }, []],
    ['a damaged pair', { type: 'RobertaProcessing', cls: 7, sep: [] }, []],
  ])('finds those of %s', (_, postProcessor, tokens) => {
    expect(surroundingTokens({ post_processor: postProcessor })).toEqual(tokens);
  });
});
