import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { decorationsUntil } from '../decorations.ts';
import { openFile } from '../explorer.ts';
import { dismissNotifications, notification } from '../notifications.ts';
import { runCommand } from '../palette.ts';
import type { Scenario } from '../scenario.ts';
import { statusBarItem } from '../statusBar.ts';

export const scenario: Scenario = {
  name: 'a person goes from disagreement to disagreement, predicts a file, and classifies selected text anywhere',
  files: {
    'narratives.csv': readFileSync(path.resolve('samples/narratives.csv')),
    'note.txt': 'She had a mild rash on her arm that was gone the next day.\n',
  },
  settings: { 'editor.wordWrap': 'on' },
  async run({ window }) {
    await openFile(window, 'narratives.csv');
    await statusBarItem(window, 'Caselight: 15 differ');
    const all = await decorationsUntil(window, 'disagreements, with word wrap', (seen) =>
      seen.some(({ text }) => text.startsWith('≠')),
    );
    const [first, second] = all.filter(({ text }) => text.startsWith('≠')).map(({ line }) => line);
    await runCommand(window, 'Caselight: Go to Next Disagreement');
    await statusBarItem(window, `Ln ${(first ?? 0) + 1}, Col 9`);
    await runCommand(window, 'Caselight: Go to Next Disagreement');
    await statusBarItem(window, `Ln ${(second ?? 0) + 1}, Col 9`);
    await runCommand(window, 'Caselight: Go to Previous Disagreement');
    await statusBarItem(window, `Ln ${(first ?? 0) + 1}, Col 9`);

    await runCommand(window, 'Caselight: Predict This File');
    const told = await notification(window, '60 of 60 records predicted');
    assert.match(told, /45 agree with the label in the file, 15 differ\./);
    await dismissNotifications(window);

    await openFile(window, 'note.txt');
    await runCommand(window, 'Caselight: Classify Selected Text');
    await notification(window, 'Nothing is selected: select the text to classify and try again.');
    await dismissNotifications(window);
    await window.page.locator('.editor-instance .view-line').first().click();
    await window.page.keyboard.press('Control+A');
    await runCommand(window, 'Caselight: Classify Selected Text');
    await notification(window, /Non-serious \d\d\.\d % · Serious \d+\.\d % · D\/LT \d+\.\d %/);
  },
};
