import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { decorationsUntil } from '../decorations.ts';
import { dialogText, pressDialogButton } from '../dialogs.ts';
import { goTo, saveUntil, typeText, visibleLines } from '../editing.ts';
import { openFile } from '../explorer.ts';
import { hoverText } from '../hover.ts';
import { dismissNotifications, notification, notificationTexts, pressNotificationButton } from '../notifications.ts';
import { paletteEntries, pickItem, runCommand, submitInput } from '../palette.ts';
import { applyQuickFix, closeQuickFixes, openQuickFixes } from '../quickFix.ts';
import type { Scenario } from '../scenario.ts';
import { statusBarItem, statusBarTexts } from '../statusBar.ts';
import { switchTheme, type ThemeId, themes } from '../themes.ts';
import { webviewContent } from '../webview.ts';

export const scenario: Scenario = {
  name: 'probe everything',
  files: { 'cases.csv': 'id,text\n1,one narrative\n2,two\n3,three\n', 'sub/deep/inner.csv': 'a,b\n1,2\n' },
  async run({ window, profile, kind }) {
    await openFile(window, 'cases.csv');
    console.log(await statusBarTexts(window));
    await statusBarItem(window, 'Caselight ready');
    console.log(await paletteEntries(window, 'Caselight: '));
    await runCommand(window, 'Caselight: Label Rows');
    await statusBarItem(window, /: 3 rows/);
    const d = await decorationsUntil(
      window,
      'three labels',
      (all) => all.filter((x) => x.side === 'after').length === 3,
    );
    console.log(d);
    console.log(await visibleLines(window), await notificationTexts(window));
    await notification(window, 'Labelled 3');
    await pressNotificationButton(window, 'Labelled', 'Show');
    await statusBarItem(window, 'pressed Show');
    await runCommand(window, 'Caselight: Label Rows');
    await notification(window, 'Labelled 3');
    await dismissNotifications(window);
    assert.deepEqual(await notificationTexts(window), []);
    console.log(await hoverText(window, 1, 2, 'on line'));
    await goTo(window, 1, 2);
    console.log(await openQuickFixes(window));
    await closeQuickFixes(window);
    await applyQuickFix(window, 'Set label Serious');
    await goTo(window, 3, 0);
    await typeText(window, 'Z');
    console.log(
      JSON.stringify(
        (await saveUntil(window, profile, 'cases.csv', 'the label', (b) => b.includes('Serious;1,'))).toString(),
      ),
    );
    for (const t of Object.keys(themes) as ThemeId[]) {
      await switchTheme(window, profile, t);
      console.log(t, (await decorationsUntil(window, 'x', (a) => a.length > 3)).find((x) => x.side === 'after')?.color);
    }
    await runCommand(window, 'Caselight: Ask');
    console.log(await dialogText(window));
    await pressDialogButton(window, 'Overwrite');
    await statusBarItem(window, 'asked Overwrite');
    await runCommand(window, 'Caselight: Pick');
    await pickItem(window, 'Two');
    await submitInput(window, 'Ann');
    await statusBarItem(window, 'got Two Ann');
    await runCommand(window, 'Caselight: Open Panel');
    await webviewContent(window).locator('#b').click();
    await webviewContent(window).locator('#o', { hasText: 'pong' }).waitFor();
    await openFile(window, 'sub/deep/inner.csv');
    mkdirSync('/tmp/probe/shots', { recursive: true });
    await window.screenshot(`/tmp/probe/shots/${kind}.png`);
  },
};
