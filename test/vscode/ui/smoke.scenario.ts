import assert from 'node:assert/strict';
import { visibleLines } from '../editing.ts';
import { openFile } from '../explorer.ts';
import { paletteEntries } from '../palette.ts';
import type { Scenario } from '../scenario.ts';

/** The shortest story there is; when it fails, look at the harness or the package before any other. */
export const scenario: Scenario = {
  name: 'a CSV opens from the explorer and the palette offers Caselight',
  files: { 'cases/cases.csv': 'id,narrative\r\n1,Arm sore for two days\r\n' },
  async run({ window }) {
    await openFile(window, 'cases/cases.csv');
    assert.deepEqual(await visibleLines(window), ['id,narrative', '1,Arm sore for two days', '']);
    const entries = await paletteEntries(window, 'Caselight: ');
    assert.ok(
      entries.some((entry) => entry.startsWith('Caselight: ')),
      `the palette offers ${JSON.stringify(entries)}`,
    );
  },
};
