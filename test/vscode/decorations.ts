import type { ComputedStyleOf, PageElement } from './dom.ts';
import { eventually, type Patience } from './eventually.ts';
import { activeEditor } from './explorer.ts';
import type { VscodeWindow } from './window.ts';

/** Text that an extension paints before or after a stretch of code, as it stands on the screen. */
export interface DecorationText {
  /** 0-based line of the document. */
  readonly line: number;
  readonly side: 'before' | 'after';
  readonly text: string;
  /** Computed colour, `rgb(r, g, b)` or `rgba(r, g, b, a)`. */
  readonly color: string;
  readonly backgroundColor: string;
}

/** Reads the decorations that the active editor shows now, from top to bottom. Rows out of view have none. */
export async function readDecorations(window: VscodeWindow): Promise<DecorationText[]> {
  const editor = window.page.locator(activeEditor).first();
  const painted = await editor.evaluate(readPaintedText);
  return painted.map(({ content, ...rest }) => ({ ...rest, text: parseCssString(content) }));
}

/** Waits until the visible decorations satisfy `holds`, and resolves to them. */
export async function decorationsUntil(
  window: VscodeWindow,
  what: string,
  holds: (decorations: readonly DecorationText[]) => boolean,
  patience?: Patience,
): Promise<DecorationText[]> {
  return window.step(`see ${what}`, async () => {
    const seen = async () => {
      const decorations = await readDecorations(window);
      return holds(decorations) && decorations;
    };
    return eventually(what, seen, patience);
  });
}

declare const getComputedStyle: ComputedStyleOf;

/** Runs in the page: it may use nothing of this module. */
function readPaintedText(editor: PageElement) {
  // The gutter's rows carry the line numbers and stand at the same height as the lines; a wrapped line has one number only.
  const numbers = [...editor.querySelectorAll('.margin-view-overlays .line-numbers')]
    .map((element) => ({ line: Number(element.textContent) - 1, top: element.getBoundingClientRect().top }))
    .filter(({ line }) => line >= 0)
    .sort((a, b) => a.top - b.top);
  const lines = [...editor.querySelectorAll('.view-lines .view-line')]
    .map((element) => ({ element, top: element.getBoundingClientRect().top }))
    .sort((a, b) => a.top - b.top);
  return lines.flatMap(({ element, top }) => {
    const line = numbers.findLast((number) => number.top <= top + 1)?.line ?? -1;
    return [...element.querySelectorAll('span')].flatMap((span) =>
      (['before', 'after'] as const).flatMap((side) => {
        const { content, color, backgroundColor, display } = getComputedStyle(span, `::${side}`);
        const shown = content !== 'none' && content !== 'normal' && content !== '""' && display !== 'none';
        return shown ? [{ line, side, content, color, backgroundColor }] : [];
      }),
    );
  });
}

/** A computed `content` is a CSS string: quoted, with backslash escapes. */
function parseCssString(css: string): string {
  return css
    .replace(/^"|"$/g, '')
    .replace(/\\(?:([0-9a-f]{1,6}) ?|(.))/gi, (_, hex: string | undefined, character: string | undefined) =>
      hex === undefined ? (character ?? '') : String.fromCodePoint(Number.parseInt(hex, 16)),
    );
}
