import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { decorationsUntil } from '../decorations.ts';
import { goTo } from '../editing.ts';
import { openFile } from '../explorer.ts';
import { outputOf } from '../output.ts';
import { applyQuickFix, openQuickFixes } from '../quickFix.ts';
import { reload } from '../reload.ts';
import type { Scenario } from '../scenario.ts';
import { statusBarItem } from '../statusBar.ts';

export const scenario: Scenario = {
  name: 'a reopened file predicts nothing anew, and what was checked stays checked',
  files: { 'narratives.csv': readFileSync(path.resolve('samples/narratives.csv')) },
  async run({ window, profile }) {
    await openFile(window, 'narratives.csv');
    await statusBarItem(window, /Caselight: 15 differ/);
    const all = await decorationsUntil(window, 'disagreements', (seen) =>
      seen.some(({ text }) => text.startsWith('≠')),
    );
    const line = all.find(({ text }) => text.startsWith('≠'))?.line ?? 0;
    await goTo(window, line, 10);
    const keep = (await openQuickFixes(window)).find((title) => title.startsWith('Keep ')) ?? '';
    await window.page.keyboard.press('Escape');
    await applyQuickFix(window, keep);
    await decorationsUntil(
      window,
      'the check',
      (seen) => seen.find((each) => each.line === line)?.text.startsWith('●') === true,
    );
    await statusBarItem(window, /Caselight: 14 differ/);

    const started = () => outputOf(profile, 'Caselight').match(/inference process \d+ started/g)?.length ?? 0;
    assert.equal(started(), 1);
    await reload(window);
    await openFile(window, 'narratives.csv');
    await decorationsUntil(
      window,
      'the check again',
      (seen) => seen.find((each) => each.line === line)?.text.startsWith('●') === true,
      {
        limitMs: 30_000,
      },
    );
    await statusBarItem(window, /Caselight: 14 differ/);
    assert.equal(started(), 1, 'a model was started although every prediction was known');
    assert.match(outputOf(profile, 'Caselight'), /60 predictions remembered/);
  },
};
