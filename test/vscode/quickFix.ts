import type { VscodeWindow } from './window.ts';

/** Opens the quick-fix menu at the cursor and gives its entries, top to bottom. It stays open. */
export async function openQuickFixes(window: VscodeWindow): Promise<string[]> {
  return window.step('open the quick fixes', async () => {
    const entries = window.page.locator('.action-widget .monaco-list-row.action');
    // VS Code drops the menu when problems or the text change while it is being made; a person presses again.
    for (let press = 1; ; press++) {
      await window.page.keyboard.press('Control+Period');
      try {
        await entries.first().waitFor({ timeout: 4_000 });
        break;
      } catch (failure) {
        if (press === 4) throw failure;
      }
    }
    return entries.locator('.title').allInnerTexts();
  });
}

/**
 * Opens the quick-fix menu at the cursor and chooses the entry with this whole title, with the keyboard: VS Code 1.100 lays
 * an invisible sheet over the menu that swallows a robot's click.
 */
export async function applyQuickFix(window: VscodeWindow, title: string): Promise<void> {
  const entries = await openQuickFixes(window);
  await window.step(`choose the quick fix "${title}" of ${JSON.stringify(entries)}`, async () => {
    const focused = window.page.locator('.action-widget .monaco-list-row.action.focused .title');
    for (let left = entries.length; (await focused.textContent()) !== title; left -= 1) {
      if (left === 0) throw new Error('it is not among them');
      await window.page.keyboard.press('ArrowDown');
    }
    await window.page.keyboard.press('Enter');
    await focused.waitFor({ state: 'hidden' });
  });
}

/** Closes the menu without choosing. */
export async function closeQuickFixes(window: VscodeWindow): Promise<void> {
  await window.page.keyboard.press('Escape');
}
