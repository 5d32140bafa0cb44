import { goTo } from './editing.ts';
import { eventually } from './eventually.ts';
import type { VscodeWindow } from './window.ts';

/**
 * Shows the hover at a position with the keyboard and gives its text, which the pointer's hover has too, as soon as it
 * contains `expected`: the parts of several providers come one after another.
 *
 * @param line 0-based.
 * @param column 0-based, in UTF-16 code units.
 */
export async function hoverText(window: VscodeWindow, line: number, column: number, expected: string): Promise<string> {
  return window.step(`read the hover at line ${line}, column ${column}`, async () => {
    await goTo(window, line, column);
    await window.page.keyboard.press('Control+K');
    await window.page.keyboard.press('Control+I');
    const hover = window.page.locator('.monaco-resizable-hover .monaco-hover:not(.hidden)').first();
    await hover.waitFor();
    const text = await eventually(`the hover to contain "${expected}"`, async () => {
      const content = (await hover.allInnerTexts()).join('\n').trim();
      return content.includes(expected) && content;
    });
    await window.page.keyboard.press('Escape');
    return text;
  });
}
