import type { VscodeWindow } from './window.ts';

/**
 * Opens a file by double clicks in the explorer, unfolding the folders above it, and waits until its text is there.
 *
 * @param file path relative to the workspace, with `/`.
 */
export async function openFile(window: VscodeWindow, file: string): Promise<void> {
  await window.step(`open ${file} from the explorer`, async () => {
    const parts = file.split('/');
    for (const [depth, name] of parts.entries()) {
      const row = window.page
        .locator(`.explorer-folders-view .monaco-list-row[aria-level="${depth + 1}"]`)
        .filter({ has: window.page.locator('.label-name').getByText(name, { exact: true }) })
        .first();
      await row.waitFor({ timeout: 30_000 });
      if (depth < parts.length - 1) {
        if ((await row.getAttribute('aria-expanded')) === 'false') await row.click();
      } else {
        await row.dblclick();
      }
    }
    const name = parts.at(-1) ?? file;
    await window.page.locator('.tab.active').filter({ hasText: name }).first().waitFor();
    await window.page.locator(`${activeEditor} .view-line`).first().waitFor();
  });
}

/** Selector of the text editor that has, or last had, the focus. */
export const activeEditor = '.part.editor .editor-group-container.active .editor-instance .monaco-editor';
