import type { Locator } from 'playwright-core';
import type { VscodeWindow } from './window.ts';

/** The texts of the status bar, left to right; icons are left out, items of icons only come as empty strings. */
export async function statusBarTexts(window: VscodeWindow): Promise<string[]> {
  const items = window.page.locator('.part.statusbar .statusbar-item:visible');
  return (await items.allInnerTexts()).map((text) => text.trim());
}

/** Waits until an item of the status bar contains `text`, and gives it, to be clicked or hovered. */
export async function statusBarItem(window: VscodeWindow, text: string | RegExp, limitMs = 15_000): Promise<Locator> {
  return window.step(`find ${text} in the status bar`, async () => {
    const item = window.page.locator('.part.statusbar .statusbar-item:visible').filter({ hasText: text }).first();
    await item.waitFor({ timeout: limitMs });
    return item;
  });
}
