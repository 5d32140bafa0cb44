import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { decorationsUntil } from '../decorations.ts';
import { chooseFolder, dialogText, pressDialogButton } from '../dialogs.ts';
import { openFile } from '../explorer.ts';
import { modelMenu, modelsUntil, openModelsView } from '../modelsView.ts';
import { dismissNotifications, notification, pressNotificationButton } from '../notifications.ts';
import { pickItem, runCommand, submitInput } from '../palette.ts';
import type { Scenario } from '../scenario.ts';
import { statusBarItem } from '../statusBar.ts';
import { webviewContent } from '../webview.ts';

const FORMATS = path.resolve('../shared/data/tiny_models/formats');

export const scenario: Scenario = {
  name: 'checkpoints are imported, used, compared, renamed, rolled back and deleted in the view Models',
  files: { 'narratives.csv': readFileSync(path.resolve('samples/narratives.csv')) },
  skip: () => (existsSync(FORMATS) ? undefined : 'the shared data with small models is not beside the checkout'),
  async run({ window, profile }) {
    const versions = path.join(profile.userData, 'User/globalStorage/caselight.caselight/models');
    await openFile(window, 'narratives.csv');
    const before = await decorationsUntil(window, 'predictions of the built-in model', (all) => all.length > 10);
    await openModelsView(window);
    await modelsUntil(
      window,
      'the built-in model alone',
      (models) => models.length === 1 && /in use/.test(models[0] ?? ''),
    );

    await importModel(path.join(FORMATS, 'tiny_seriousness_tf_h5'), 'Keras notebook');
    await pressNotificationButton(window, /Keras notebook was imported: BERT, 2 layers of 24/, 'Use This Model');
    await notification(window, /Predictions come from Keras notebook now; its labels: D\/LT, Non-serious, Serious/);
    await modelsUntil(window, 'the imported model in use', (models) =>
      models.some((model) => /^Keras notebook.*in use/s.test(model)),
    );
    await decorationsUntil(window, 'other predictions', (all) => all.length > 10 && all[0]?.text !== before[0]?.text);
    await notification(
      window,
      /int8 against fp32 on 60 of your narratives: \d+ labels? differs? \(.*int8 is .* times as fast/,
      60_000,
    );
    await dismissNotifications(window);

    // A bare encoder: its labels are asked for, those of the open file being offered.
    await runCommand(window, 'Caselight: Import Model…');
    await chooseFolder(window, path.join(FORMATS, 'tiny_seriousness_base_fp16'));
    await submitInputShown(/D\/LT, Non-serious, Serious/);
    await submitInput(window, 'Bare encoder');
    await pickItem(window, 'For all workspaces');
    await notification(window, /Bare encoder was imported.*a fresh one is to be trained/);
    await modelsUntil(window, 'an untrained model', (models) =>
      models.some((model) => /^Bare encoder.*not trained/s.test(model)),
    );
    await dismissNotifications(window);

    await modelMenu(window, 'Keras notebook', 'Rename Model…');
    await submitInput(window, 'Seriousness 2026');
    await modelsUntil(window, 'the new name', (models) => models.some((model) => model.startsWith('Seriousness 2026')));
    await statusBarItem(window, /Caselight: \d+ differ/);

    await modelMenu(window, 'Seriousness 2026', 'Compare Models…');
    await pickItem(window, 'Built-in model');
    await webviewContent(window).getByRole('heading', { name: 'Seriousness 2026 and Built-in model' }).waitFor();
    await webviewContent(window).getByText('later years balanced: macro F1').waitFor();

    await runCommand(window, 'Caselight: Roll Back to the Previous Model');
    await notification(window, /Predictions come from Built-in model again/);
    await modelsUntil(window, 'the built-in model in use again', (models) =>
      /^Built-in model.*in use/s.test(models[0] ?? ''),
    );

    await modelMenu(window, 'Bare encoder', 'Delete Model…');
    assert.match(await dialogText(window), /Delete the model Bare encoder\?/);
    await pressDialogButton(window, 'Delete');
    await modelsUntil(window, 'one version left', (models) => models.length === 2);
    assert.deepEqual(
      readdirSync(versions).filter((name) => /^[a-z]/.test(name) && name !== 'registry.json').length,
      1,
      'the folder of the deleted version is gone',
    );

    // What is no checkpoint is refused before anything is asked or written.
    await runCommand(window, 'Caselight: Import Model…');
    await chooseFolder(window, profile.workspace);
    await notification(window, /has no readable config\.json/);

    async function importModel(folder: string, name: string): Promise<void> {
      await runCommand(window, 'Caselight: Import Model…');
      await chooseFolder(window, folder);
      await submitInput(window, name);
      await pickItem(window, 'For all workspaces');
    }

    async function submitInputShown(value: RegExp): Promise<void> {
      const input = window.page.locator('.quick-input-widget input[type=text]').first();
      const prompt = window.page.locator('.quick-input-widget').getByText('no classification head');
      await prompt.waitFor();
      assert.match(await input.inputValue(), value);
      await window.page.keyboard.press('Enter');
      await prompt.waitFor({ state: 'hidden' });
    }
  },
};
