/** A line and what ended it; the last line of a text ends with nothing. */
interface Line {
  readonly content: string;
  readonly end: string;
}

/** Whether a text has line ends of more than one kind: CRLF, LF, CR. */
export function hasMixedLineEnds(text: string): boolean {
  // Most files have one kind and are told by a few fast searches: no CR at all, or each LF right after a CR.
  const firstReturn = text.indexOf('\r');
  if (firstReturn < 0) return false;
  if (text.indexOf('\n') < 0) return false;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
    if (text.charCodeAt(at - 1) !== 0x0d) return true;
  }
  for (let at = firstReturn; at >= 0; at = text.indexOf('\r', at + 1)) {
    if (text.charCodeAt(at + 1) !== 0x0a) return true;
  }
  return false;
}

/**
 * The line end that VS Code gives all lines of a file when it loads it: CRLF where CRLF and lone CR are more than half.
 * Source: vs/editor/common/model/pieceTreeTextBuffer/pieceTreeTextBufferBuilder.ts, held by test/vscode/suite/textFidelity.test.ts
 */
export function usualLineEnd(text: string): '\n' | '\r\n' {
  let total = 0;
  let returns = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) total++;
  for (let at = text.indexOf('\r'); at >= 0; at = text.indexOf('\r', at + 1)) {
    returns++;
    if (text.charCodeAt(at + 1) !== 0x0a) total++;
  }
  return returns > total / 2 ? '\r\n' : '\n';
}

/**
 * Gives the lines of an edited text the line ends that they had before. An editor that knows one kind of line end a file
 * makes all of them the same; in a CSV file the ones inside of quoted fields often differ from those of the records.
 *
 * Lines at the start and at the end that did not change keep their ends. Between them, lines are matched by place where
 * their number is the same (labels were edited), and else by content, in order. Lines that are new keep what they have.
 *
 * @param before the text with its own line ends
 * @param after the edited text; only its line ends are changed
 */
export function restoreLineEnds(before: string, after: string): string {
  const old = splitLines(before);
  const now = splitLines(after);
  const shorter = Math.min(old.length, now.length);
  let head = 0;
  while (head < shorter && old[head]?.content === now[head]?.content) head++;
  let tail = 0;
  while (tail < shorter - head && old.at(-1 - tail)?.content === now.at(-1 - tail)?.content) tail++;
  const isSameCount = old.length === now.length;
  const byContent = isSameCount ? undefined : placesByContent(old, head, old.length - tail);
  let restored = '';
  for (const [i, { content, end }] of now.entries()) {
    restored += content;
    // The last line has no end, however it was matched.
    if (end === '') break;
    const isTail = i >= now.length - tail;
    const match = i < head || isSameCount ? old[i] : isTail ? old[i + old.length - now.length] : byContent?.(content);
    const wanted = match?.end || end;
    // After a CR, an LF that ends an empty line would make the two lines one.
    restored += wanted === '\n' && content === '' && restored.endsWith('\r') ? '\r' : wanted;
  }
  return restored;
}

/** Finds lines by content within a stretch, each after the one found before it. */
function placesByContent(lines: readonly Line[], from: number, to: number): (content: string) => Line | undefined {
  const places = new Map<string, number[]>();
  for (let i = to - 1; i >= from; i--) {
    const content = lines[i]?.content ?? '';
    const known = places.get(content);
    if (known === undefined) places.set(content, [i]);
    else known.push(i);
  }
  let reached = from - 1;
  return (content) => {
    const candidates = places.get(content);
    while (candidates !== undefined && candidates.length > 0) {
      const place = candidates.pop() ?? 0;
      if (place <= reached) continue;
      reached = place;
      return lines[place];
    }
    return undefined;
  };
}

function splitLines(text: string): Line[] {
  const lines: Line[] = [];
  let start = 0;
  for (const match of text.matchAll(/\r\n|\n|\r/g)) {
    lines.push({ content: text.slice(start, match.index), end: match[0] });
    start = match.index + match[0].length;
  }
  lines.push({ content: text.slice(start), end: '' });
  return lines;
}
