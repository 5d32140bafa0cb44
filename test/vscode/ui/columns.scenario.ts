import assert from 'node:assert/strict';
import { decorationsUntil } from '../decorations.ts';
import { goTo, saveUntil } from '../editing.ts';
import { openFile } from '../explorer.ts';
import { dismissNotifications, notification } from '../notifications.ts';
import { pickItem, runCommand, submitInput } from '../palette.ts';
import { reload } from '../reload.ts';
import type { Scenario } from '../scenario.ts';
import { statusBarItem } from '../statusBar.ts';

const FATAL = 'Patient went into cardiac arrest and died despite resuscitation';
const TEXT = `nr;what;verdict\n1;${FATAL};Serious\n2;${FATAL} at night;Serious\n`;

export const scenario: Scenario = {
  name: 'a file with unusual columns is asked about once, and a file without labels is given a column',
  files: { 'odd.csv': TEXT, 'bare.csv': `ID,Narrative\n1,${FATAL}\n` },
  async run({ window, profile }) {
    await openFile(window, 'odd.csv');
    await statusBarItem(window, 'choose columns');
    await runCommand(window, 'Caselight: Predict This File');
    await notification(window, 'No column of this file looks like a narrative: run "Caselight: Choose Columns…"');
    await dismissNotifications(window);

    await runCommand(window, 'Caselight: Choose Columns…');
    await pickItem(window, 'what');
    await pickItem(window, 'verdict');
    await pickItem(window, 'nr');
    // The label stands behind the narrative: the prediction comes before the record.
    const shown = await decorationsUntil(window, 'predictions', (all) => all.length === 2);
    assert.deepEqual(
      shown.map(({ side, line }) => [side, line]),
      [
        ['before', 1],
        ['before', 2],
      ],
    );
    assert.match(shown[0]?.text ?? '', /^≠ D\/LT \d\d? %$/);

    await reload(window);
    await openFile(window, 'odd.csv');
    await decorationsUntil(window, 'the columns remembered', (all) => all.length === 2, { limitMs: 30_000 });

    await openFile(window, 'bare.csv');
    await decorationsUntil(window, 'a prediction', (all) => all.length === 1);
    await goTo(window, 1, 4);
    await runCommand(window, 'Caselight: Accept Prediction at Cursor');
    await submitInput(window, 'Verdict by me');
    await decorationsUntil(window, 'agreement', (all) => all[0]?.text.startsWith('✓') === true);
    const saved = await saveUntil(window, profile, 'bare.csv', 'the label', (bytes) => bytes.includes('D/LT'));
    assert.equal(saved.toString(), `ID,Verdict by me,Narrative\n1,D/LT,${FATAL}\n`);
  },
};
