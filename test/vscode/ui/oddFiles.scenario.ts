import assert from 'node:assert/strict';
import { decorationsUntil } from '../decorations.ts';
import { visibleLines } from '../editing.ts';
import { openFile } from '../explorer.ts';
import { dismissNotifications, notification, pressNotificationButton } from '../notifications.ts';
import { runCommand } from '../palette.ts';
import type { Scenario } from '../scenario.ts';
import { statusBarItem } from '../statusBar.ts';

const FATAL = 'Patient went into cardiac arrest and died despite resuscitation';
const record = (i: number) => `${i},Serious,${FATAL} ${'x '.repeat(400)}\n`;

export const scenario: Scenario = {
  name: 'an empty file, a misread one and one over 50 MB each get a sentence that says what to do',
  files: {
    'empty.csv': '',
    'cp1252.csv': Buffer.from(`ID;Seriousness;Narrative\n1;Serious;${FATAL}, caf\u00e9\n`, 'latin1'),
    'huge.csv': `ID,Seriousness,Narrative\n${Array.from({ length: 64_000 }, (_, i) => record(i)).join('')}`,
  },
  async run({ window }) {
    await openFile(window, 'empty.csv');
    await statusBarItem(window, 'empty file');
    await runCommand(window, 'Caselight: Predict This File');
    await notification(window, 'This file has no records: it needs a header such as ID,Seriousness,Narrative');
    await dismissNotifications(window);

    await openFile(window, 'cp1252.csv');
    await decorationsUntil(window, 'a prediction', (all) => all.length === 1);
    await pressNotificationButton(window, 'This file is not UTF-8', 'Reopen as Windows-1252');
    await window.page.getByText('café').first().waitFor();
    assert.ok((await visibleLines(window)).some((line) => line.includes('café')));

    // VS Code asks first whether to show so large a file; it opens no editor that `openFile` could wait for.
    await window.page.locator('.explorer-folders-view .monaco-list-row', { hasText: 'huge.csv' }).dblclick();
    await notification(window, 'huge.csv is larger than 50 MB');
  },
};
