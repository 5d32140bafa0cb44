import type { VscodeWindow } from './window.ts';

/** Reloads the window, as "Developer: Reload Window" does: a new extension host, the same editors. */
export async function reload(window: VscodeWindow): Promise<void> {
  await window.step('reload the window', async () => {
    await window.page.reload();
    await window.page.locator('.monaco-workbench .part.statusbar').waitFor({ timeout: 60_000 });
    await window.page.locator('.explorer-folders-view .monaco-list').waitFor({ timeout: 30_000 });
  });
}
