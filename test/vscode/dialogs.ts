import path from 'node:path';
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

/** Answers VS Code's own dialog for a file with a path. */
export async function chooseFile(window: VscodeWindow, file: string): Promise<void> {
  await window.step(`choose the file ${file}`, async () => {
    const widget = window.page.locator('.quick-input-widget');
    const input = widget.locator('input[type=text]').first();
    await input.waitFor({ state: 'visible' });
    const row = (name: string) => widget.locator('.label-name').getByText(name, { exact: true }).first();
    // It fills in the folder that it opens with, over what is typed before.
    await row('..').waitFor();
    await input.fill(`${path.dirname(file)}/`);
    await row(path.basename(file)).click();
    const accept = widget.getByRole('button', { name: 'OK', exact: true });
    if (await accept.isVisible()) await accept.click();
  });
}

/** Answers VS Code's own dialog for a folder with a path. */
export async function chooseFolder(window: VscodeWindow, folder: string): Promise<void> {
  await window.step(`choose the folder ${folder}`, async () => {
    const widget = window.page.locator('.quick-input-widget');
    const input = widget.locator('input[type=text]').first();
    await input.waitFor({ state: 'visible' });
    const row = (name: string) => widget.locator('.label-name').getByText(name, { exact: true }).first();
    // It fills in the folder that it opens with, over what is typed before.
    await row('..').waitFor();
    // Enter chooses the folder that it has looked into, not the one that is typed: by way of the parent one sees it get there.
    await input.fill(`${path.dirname(folder)}/`);
    await row(path.basename(folder)).waitFor();
    await input.fill(`${folder}/`);
    await row(path.basename(folder)).waitFor({ state: 'hidden' });
    await row('..').waitFor();
    const title = widget.locator('.quick-input-title').filter({ hasText: /\S/ });
    const dialog = widget.getByText((await title.textContent()) ?? '', { exact: true });
    for (let attempt = 0; attempt < 5; attempt++) {
      await window.page.keyboard.press('Enter');
      // While it still looks into the folder it takes no answer. A second one must not reach what is asked next.
      const isGone = dialog.waitFor({ state: 'hidden', timeout: 5_000 }).then(() => true);
      if (await isGone.catch(async () => !(await dialog.isVisible()))) return;
    }
    throw new Error('The dialog stays open');
  });
}
