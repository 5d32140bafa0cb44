import { cpSync, existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { decorationsUntil } from '../decorations.ts';
import { openFile } from '../explorer.ts';
import { dismissNotifications, notification } from '../notifications.ts';
import { runCommand } from '../palette.ts';
import type { Scenario } from '../scenario.ts';
import { statusBarItem } from '../statusBar.ts';

const TINY = path.resolve('../shared/data/tiny_models/formats/tiny_seriousness');

export const scenario: Scenario = {
  name: 'a model that cannot serve is refused with a sentence, and another takes over at once',
  files: { 'narratives.csv': readFileSync(path.resolve('samples/narratives.csv')) },
  skip: () => (existsSync(TINY) ? undefined : 'the shared data with small models is not beside the checkout'),
  async run({ window, profile }) {
    const folder = (name: string) => path.join(profile.folder, 'models', name);
    mkdirSync(folder(''), { recursive: true });
    const use = async (name: string) => {
      await dismissNotifications(window);
      profile.updateSettings({ 'caselight.model.path': folder(name) });
    };
    const copy = (name: string) => {
      cpSync(TINY, folder(name), { recursive: true, mode: 0 });
      return (file: string) => path.join(folder(name), file);
    };
    copy('good');
    const cut = copy('cut');
    truncateSync(cut('model.safetensors'), 10_000);
    const unfit = copy('unfit');
    const config = JSON.parse(readFileSync(unfit('config.json'), 'utf8'));
    writeFileSync(unfit('config.json'), JSON.stringify({ ...config, intermediate_size: 96 }));

    await openFile(window, 'narratives.csv');
    await decorationsUntil(window, 'predictions of the built-in model', (all) => all.length > 10);

    await use('not there');
    await notification(window, /There is no model folder at .*not there: choose a Hugging Face folder/);
    await statusBarItem(window, 'Caselight: stopped');
    await use('cut');
    await notification(window, /model\.safetensors ends after 10000 bytes.*copy or download it again/);
    await use('unfit');
    await notification(window, /config\.json and the weights are from different models/);
    await use('good');
    await decorationsUntil(window, 'predictions of another model', (all) => all.length > 10);
    await statusBarItem(window, /Caselight: \d+ differ/);

    // The words of the choice, without going through with it.
    await runCommand(window, 'Caselight: Choose Model…');
    await window.page.locator('.quick-input-widget').getByText('Built-in model').waitFor();
    await window.page.keyboard.press('Escape');
  },
};
