// `npm run screenshot`: takes media/screenshot.png, the picture of the README, in a real VS Code with the packaged extension.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, rmSync } from 'node:fs';

const picture = 'out/screenshot.png';
rmSync(picture, { force: true });
const { status } = spawnSync(
  process.execPath,
  ['test/vscode/run.mjs', '--only', 'new', '--grep', 'the picture of the README'],
  { stdio: 'inherit' },
);
if (status !== 0 || !existsSync(picture)) process.exit(1);
copyFileSync(picture, 'media/screenshot.png');
