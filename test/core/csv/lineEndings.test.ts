import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasMixedLineEnds, restoreLineEnds } from '../../../src/core/csv/lineEndings.ts';

describe('hasMixedLineEnds', () => {
  it.each([
    ['', false],
    ['a', false],
    ['a\nb\n', false],
    ['a\r\nb\r\n', false],
    ['a\rb\r', false],
    ['a\r\nb\n', true],
    ['a\nb\r', true],
    ['a\r\rb\r\n', true],
    ['a\n\r\n', true],
  ])('of %j is %s', (text, expected) => {
    expect(hasMixedLineEnds(text)).toBe(expected);
  });
});

describe('restoreLineEnds', () => {
  it.each([
    ['nothing was edited', 'id,text\r\n1,"a\nb"\r\n', 'id,text\n1,"a\nb"\n', 'id,text\r\n1,"a\nb"\r\n'],
    [
      'the editor made all of them CRLF',
      'id,text\r\n1,"a\nb"\r\n',
      'id,text\r\n1,"a\r\nb"\r\n',
      'id,text\r\n1,"a\nb"\r\n',
    ],
    ['a label was edited', 'a,x\r\n"b\nc",x\r\nd,x\n', 'a,x\n"b\nc",y\nd,x\n', 'a,x\r\n"b\nc",y\r\nd,x\n'],
    ['every line was edited', 'a\r\nb\nc\rd', 'A\nB\nC\nD', 'A\r\nB\nC\rD'],
    ['a line was added in the middle', 'a\r\nb\nc\r\n', 'a\nb\nNEW\nc\n', 'a\r\nb\nNEW\nc\r\n'],
    ['a line was added at the start', 'a\r\nb\nc\r\n', 'NEW\na\nb\nc\n', 'NEW\na\r\nb\nc\r\n'],
    ['a line was added at the end', 'a\r\nb\r\n', 'a\nb\nNEW\n', 'a\r\nb\r\nNEW\n'],
    ['a line was taken out', 'a\r\nb\nc\r\nd\n', 'a\nc\nd\n', 'a\r\nc\r\nd\n'],
    ['a line was taken out and another edited', 'h\r\na\nb\r\nc\nd\r\n', 'h\na\nB\nd\n', 'h\r\na\nB\nd\r\n'],
    ['equal lines with different ends stand apart', 'x\r\nx\nx\r\n', 'x\nx\nx\n', 'x\r\nx\nx\r\n'],
    ['the last line got an end', 'a\r\nb', 'a\nb\n', 'a\r\nb\n'],
    ['the last line lost its end', 'a\r\nb\r\n', 'a\nb', 'a\r\nb'],
    ['everything was deleted', 'a\r\nb\n', '', ''],
    ['the text was empty before', '', 'a\nb\n', 'a\nb\n'],
    ['CR alone ends lines', 'a\rb\rc\r\n', 'a\nb\nc\n', 'a\rb\rc\r\n'],
    ['lines changed places, of which only those in order are known', 'a\r\nb\nc\n', 'b\na\nNEW\nc\n', 'b\na\nNEW\nc\n'],
    ['a line after a CR lost its text', 'a\rb\n', 'a\n\n', 'a\r\r'],
    ['blank lines are between', 'a\r\n\n\r\nb\n', 'a\n\n\nb\n', 'a\r\n\n\r\nb\n'],
  ])('gives the lines their ends back when %s', (_, before, after, expected) => {
    expect(restoreLineEnds(before, after)).toBe(expected);
  });

  const lineEnd = fc.constantFrom('\n', '\r\n', '\r');
  const content = fc.stringMatching(/^[ab",]{0,3}$/);
  const line = fc.record({ content, end: lineEnd });
  const lineWithText = fc.record({ content: fc.stringMatching(/^[ab",]{1,3}$/), end: lineEnd });
  const join = (lines: readonly { content: string; end: string }[]) =>
    lines.map((each) => each.content + each.end).join('');
  const contents = (text: string) => text.split(/\r\n|\n|\r/);

  it('gives back the very text that an editor only made uniform', () => {
    fc.assert(
      fc.property(fc.array(line), content, lineEnd, (lines, last, uniform) => {
        const before = join(lines) + last;
        expect(restoreLineEnds(before, contents(before).join(uniform))).toBe(before);
      }),
    );
  });

  it('never changes anything but line ends', () => {
    fc.assert(
      fc.property(fc.array(line), fc.array(line), (before, after) => {
        expect(contents(restoreLineEnds(join(before), join(after)))).toEqual(contents(join(after)));
      }),
    );
  });

  it('keeps the ends of all lines when labels are edited in place', () => {
    fc.assert(
      fc.property(
        fc.array(lineWithText, { minLength: 1 }),
        fc.nat(),
        fc.constantFrom('c', 'd,e'),
        (lines, place, edited) => {
          const index = place % lines.length;
          const changed = lines.map((each, i) => (i === index ? { ...each, content: edited } : each));
          const uniform = changed.map((each) => `${each.content}\n`).join('');
          expect(restoreLineEnds(join(lines), uniform)).toBe(join(changed));
        },
      ),
    );
  });

  it('needs no longer than a moment for a long file of equal lines that lost one', () => {
    const before = 'same\r\nsame\n'.repeat(50_000);
    const start = performance.now();
    const after = restoreLineEnds(before, 'same\n'.repeat(99_999));
    expect(contents(after)).toHaveLength(100_000);
    expect(performance.now() - start).toBeLessThan(2_000);
  });
});
