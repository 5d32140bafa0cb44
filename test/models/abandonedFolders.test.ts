import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { removeAbandonedFolders } from '../../src/models/abandonedFolders.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

it('removes what nobody has gone on with for a month, and nothing else', async () => {
  const folder = temporaryFolder();
  const now = Date.now();
  for (const [name, days] of [
    ['old', 31],
    ['resumed', 31],
    ['recent', 29],
  ] as const) {
    mkdirSync(path.join(folder, name));
    writeFileSync(path.join(folder, name, 'run.json'), '{}');
    const changed = new Date(now - days * 24 * 60 * 60 * 1000);
    utimesSync(path.join(folder, name), changed, changed);
  }
  await removeAbandonedFolders(folder, now, 'resumed');
  expect(readdirSync(folder).sort()).toEqual(['recent', 'resumed']);
  await removeAbandonedFolders(path.join(folder, 'none'), now);
});
