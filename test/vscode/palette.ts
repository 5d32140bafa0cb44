import type { VscodeWindow } from './window.ts';

const widget = '.quick-input-widget';

/**
 * Runs a command from the command palette as a person would.
 *
 * @param title the whole entry with its category, such as `Caselight: Label Narratives`.
 */
export async function runCommand(window: VscodeWindow, title: string): Promise<void> {
  await window.step(`run the command "${title}"`, async () => {
    await window.page.keyboard.press('F1');
    await typeIntoInput(window, `>${title}`);
    await choose(window, title);
  });
}

/** The entries of the command palette for a query, best first, without running any. */
export async function paletteEntries(window: VscodeWindow, query: string): Promise<string[]> {
  return window.step(`list the commands for "${query}"`, async () => {
    await window.page.keyboard.press('F1');
    await typeIntoInput(window, `>${query}`);
    const labels = window.page.locator(`${widget} .monaco-list-row .label-name`);
    await labels.first().waitFor();
    const entries = await labels.allInnerTexts();
    await window.page.keyboard.press('Escape');
    return entries;
  });
}

/** Chooses one entry of the quick pick that is open, by its whole label. */
export async function pickItem(window: VscodeWindow, label: string): Promise<void> {
  await window.step(`pick "${label}"`, () => choose(window, label));
}

/** Fills the input box that is open and accepts it. */
export async function submitInput(window: VscodeWindow, text: string): Promise<void> {
  await window.step(`enter "${text}"`, async () => {
    await typeIntoInput(window, text);
    await window.page.keyboard.press('Enter');
  });
}

async function typeIntoInput(window: VscodeWindow, text: string): Promise<void> {
  const input = window.page.locator(`${widget} input:is([type=text], [type=password]):visible`).first();
  await input.waitFor({ state: 'visible' });
  await input.fill(text);
}

async function choose(window: VscodeWindow, label: string): Promise<void> {
  const row = window.page
    .locator(`${widget} .monaco-list-row`)
    .filter({ has: window.page.locator('.label-name').getByText(label, { exact: true }) });
  await row.first().click();
}
