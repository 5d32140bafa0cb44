import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { decorationsUntil } from '../decorations.ts';
import { goTo, saveUntil } from '../editing.ts';
import { openFile } from '../explorer.ts';
import { applyQuickFix, closeQuickFixes, openQuickFixes } from '../quickFix.ts';
import type { Scenario } from '../scenario.ts';
import { statusBarItem } from '../statusBar.ts';

const NARRATIVES = readFileSync(path.resolve('samples/narratives.csv'), 'utf8');
/** The label of the second record taken away. */
const original = NARRATIVES.replace('0051432,Serious,', '0051432,,');

export const scenario: Scenario = {
  name: 'a person opens a CSV, sees predictions, accepts one with Ctrl+. and saves it',
  files: { 'narratives.csv': original },
  async run({ window, profile }) {
    await openFile(window, 'narratives.csv');
    const decorations = await decorationsUntil(
      window,
      'a prediction beside every record in view',
      (all) => all.length > 10,
    );
    assert.match(decorations.find(({ line }) => line === 2)?.text ?? '', /^→ Serious \d\d %$/);
    await statusBarItem(window, /1 unlabelled/);

    await goTo(window, 2, 12);
    const fixes = await openQuickFixes(window);
    assert.match(fixes[0] ?? '', /^Accept prediction: Serious \(\d\d %\)$/);
    assert.ok(fixes.includes('Set label: D/LT'), fixes.join());
    await closeQuickFixes(window);
    await applyQuickFix(window, fixes[0] ?? '');
    await decorationsUntil(window, 'agreement', (all) =>
      /^✓ Serious/.test(all.find(({ line }) => line === 2)?.text ?? ''),
    );
    const saved = await saveUntil(window, profile, 'narratives.csv', 'the label', (bytes) =>
      bytes.includes('0051432,Serious,'),
    );
    assert.equal(saved.toString(), NARRATIVES, 'more than the one field changed');

    await window.page.keyboard.press('Control+Z');
    await decorationsUntil(window, 'the label undone', (all) =>
      /^→/.test(all.find(({ line }) => line === 2)?.text ?? ''),
    );
    const undone = await saveUntil(window, profile, 'narratives.csv', 'no label', (bytes) =>
      bytes.includes('0051432,,'),
    );
    assert.equal(undone.toString(), original);
    if (process.env.CASELIGHT_SHOTS) await window.screenshot(`${process.env.CASELIGHT_SHOTS}/accept.png`);
  },
};
