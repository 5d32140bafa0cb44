import { eventually } from './eventually.ts';
import type { VscodeWindow } from './window.ts';

const rows = '.pane .tree-explorer-viewlet-tree-view .monaco-list-row';

/** Shows the view *Models* by a click on the icon of Caselight. */
export async function openModelsView(window: VscodeWindow): Promise<void> {
  await window.step('open the view Models', async () => {
    await window.page.locator('.activitybar a.action-label[aria-label^="Caselight"]').first().click();
    await window.page.locator(rows).first().waitFor();
  });
}

/** The lines of the view *Models*: name and description of each. */
export async function modelsInView(window: VscodeWindow): Promise<string[]> {
  return window.page.locator(rows).locator('.monaco-icon-label-container').allInnerTexts();
}

/** Waits until the lines of the view satisfy `holds`, and resolves to them. */
export async function modelsUntil(
  window: VscodeWindow,
  what: string,
  holds: (models: readonly string[]) => boolean,
): Promise<string[]> {
  return window.step(`see ${what}`, () =>
    eventually(what, async () => {
      const models = await modelsInView(window);
      return holds(models) && models;
    }),
  );
}

/** Chooses an entry of the context menu of a model in the view. */
export async function modelMenu(window: VscodeWindow, model: string, entry: string): Promise<void> {
  await window.step(`choose "${entry}" for ${model}`, async () => {
    await window.page.locator(rows).filter({ hasText: model }).first().click({ button: 'right' });
    const item = window.page.locator('.context-view .monaco-menu').getByText(entry, { exact: true });
    await item.waitFor();
    // A menu that has only just opened takes no click.
    await eventually('the menu closed', async () => {
      if (!(await item.isVisible())) return true;
      await item.click();
      return false;
    });
  });
}
