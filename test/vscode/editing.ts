import { readFileSync } from 'node:fs';
import { eventually } from './eventually.ts';
import { activeEditor } from './explorer.ts';
import { submitInput } from './palette.ts';
import type { Profile } from './profile.ts';
import type { VscodeWindow } from './window.ts';

/**
 * Puts the cursor of the active editor at a position and the focus into it.
 *
 * @param line 0-based.
 * @param column 0-based, in UTF-16 code units.
 */
export async function goTo(window: VscodeWindow, line: number, column = 0): Promise<void> {
  await window.step(`go to line ${line}, column ${column}`, async () => {
    await window.page.keyboard.press('Control+G');
    // What a person types there is 1-based.
    await submitInput(window, `:${line + 1}:${column + 1}`);
    await window.page.locator(`${activeEditor}.focused`).first().waitFor();
  });
}

/** The text of the lines in view, from top to bottom; a wrapped line comes in several pieces. */
export async function visibleLines(window: VscodeWindow): Promise<string[]> {
  const lines = window.page.locator(`${activeEditor} .view-lines .view-line`);
  const pieces = await lines.evaluateAll((elements: { textContent: string | null; offsetTop: number }[]) =>
    elements.sort((a, b) => a.offsetTop - b.offsetTop).map((element) => element.textContent ?? ''),
  );
  // Monaco renders a space as a no-break space.
  return pieces.map((piece) => piece.replaceAll('\u00a0', ' '));
}

/** Types text at the cursor of the active editor, key by key. */
export async function typeText(window: VscodeWindow, text: string): Promise<void> {
  await window.page.keyboard.type(text);
}

/**
 * Saves the active editor and waits until the file on disk satisfies `holds`.
 *
 * @param file path relative to the workspace.
 * @returns the bytes on disk.
 */
export async function saveUntil(
  window: VscodeWindow,
  profile: Profile,
  file: string,
  what: string,
  holds: (bytes: Buffer) => boolean,
): Promise<Buffer> {
  return window.step(`save ${file} with ${what}`, async () => {
    await window.page.keyboard.press('Control+S');
    return eventually(`${file} on disk with ${what}`, () => {
      const bytes = readFileSync(profile.file(file));
      return holds(bytes) && bytes;
    });
  });
}
