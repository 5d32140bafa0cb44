import type { Profile } from './profile.ts';
import type { VscodeWindow } from './window.ts';

/** The themes a label must be readable in, by the id of `workbench.colorTheme`, with the class VS Code gives each kind. */
export const themes = {
  'Default Dark Modern': 'vs-dark',
  'Default Light Modern': 'vs',
  'Default High Contrast': 'hc-black',
  'Default High Contrast Light': 'hc-light',
} as const;

/** Id of one of those themes. */
export type ThemeId = keyof typeof themes;

/** Switches the colour theme by the settings file and waits until the window wears it. */
export async function switchTheme(window: VscodeWindow, profile: Profile, theme: ThemeId): Promise<void> {
  await window.step(`switch to ${theme}`, async () => {
    profile.updateSettings({ 'workbench.colorTheme': theme });
    await window.page.locator(`.monaco-workbench.${themes[theme]}`).waitFor();
  });
}
