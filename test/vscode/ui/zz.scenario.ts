import { openFile } from '../explorer.ts';
import type { Scenario } from '../scenario.ts';
import { statusBarItem } from '../statusBar.ts';
export const scenario: Scenario = {
  name: 'zz u2028',
  files: { 'u.csv': 'id\nab\n' },
  limitMs: 8_000,
  async run({ window }) {
    await openFile(window, 'u.csv');
    await statusBarItem(window, 'never', 60_000);
  },
};
