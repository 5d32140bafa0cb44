import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { decorationsUntil } from '../decorations.ts';
import { goTo } from '../editing.ts';
import { openFile } from '../explorer.ts';
import { openQuickFixes } from '../quickFix.ts';
import type { Scenario } from '../scenario.ts';

/** Where `npm run screenshot` takes the picture of the README from. */
const TARGET = path.join('out', 'screenshot.png');

export const scenario: Scenario = {
  name: 'the picture of the README is taken',
  files: {
    'narratives.csv': readFileSync(path.resolve('samples/narratives.csv'), 'utf8').replace(
      '0051432,Serious,',
      '0051432,,',
    ),
  },
  settings: { 'workbench.colorTheme': 'Default Light Modern', 'editor.fontSize': 13 },
  async run({ window }) {
    await window.page.setViewportSize({ width: 1240, height: 620 });
    await openFile(window, 'narratives.csv');
    await decorationsUntil(window, 'predictions', (all) => all.length > 10);
    await window.page.keyboard.press('Control+B');
    await goTo(window, 2, 8);
    await openQuickFixes(window);
    mkdirSync(path.dirname(TARGET), { recursive: true });
    await window.screenshot(TARGET);
  },
};
