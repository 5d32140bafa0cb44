import type { VscodeWindow } from './window.ts';

/** Waits for the modal dialog, and resolves to what it says. */
export async function dialogText(window: VscodeWindow): Promise<string> {
  return window.step('read the dialog', async () => {
    const message = window.page.locator('.monaco-dialog-box .dialog-message-text');
    await message.waitFor();
    return (await message.textContent()) ?? '';
  });
}

/** Presses a button of the modal dialog, by its whole label, and waits until the dialog is gone. */
export async function pressDialogButton(window: VscodeWindow, label: string): Promise<void> {
  await window.step(`press "${label}" of the dialog`, async () => {
    const dialog = window.page.locator('.monaco-dialog-box');
    await dialog.locator('.dialog-buttons').getByText(label, { exact: true }).click();
    await dialog.waitFor({ state: 'hidden' });
  });
}
