import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { decorationsUntil } from '../decorations.ts';
import { goTo } from '../editing.ts';
import { openFile } from '../explorer.ts';
import { modelsUntil, openModelsView } from '../modelsView.ts';
import { dismissNotifications, notification, pressNotificationButton } from '../notifications.ts';
import { pickItem, runCommand, submitInput } from '../palette.ts';
import type { Profile } from '../profile.ts';
import type { Scenario } from '../scenario.ts';
import { webviewContent } from '../webview.ts';
import type { VscodeWindow } from '../window.ts';

const LIMIT_MS = 120_000;

export const scenario: Scenario = {
  name: 'a model is retrained from the palette, not on one checked record alone, watched, rolled back, cancelled, and taken up again after its process was killed',
  files: { 'narratives.csv': readFileSync(path.resolve('samples/narratives.csv')) },
  limitMs: 420_000,
  async run({ window, profile }) {
    const panel = webviewContent(window);
    const status = panel.locator('.status');
    const says = (text: RegExp) => status.filter({ hasText: text }).waitFor({ timeout: LIMIT_MS });

    // Nothing was trained: the panel says how to begin.
    await openFile(window, 'narratives.csv');
    await decorationsUntil(window, 'predictions of the built-in model', (all) => all.length > 10);
    await runCommand(window, 'Caselight: Show Training');
    await panel.getByText('No model has been trained yet').waitFor();
    await openFile(window, 'narratives.csv');

    // One record is checked: it can be trained on alone, but that is too little.
    await goTo(window, 1, 3);
    await runCommand(window, 'Caselight: Keep Label and Mark as Checked');
    await runCommand(window, 'Caselight: Retrain Model…');
    await pickItem(window, 'This file');
    await pickItem(window, 'Only the one that you checked');
    await notification(window, /All records have the label D\/LT: label some of another class too/);
    await dismissNotifications(window);

    await retrain(window, 'Quick', 'Quickly mine');
    await says(/Epoch 1 of 5, step \d+ of \d+/);
    await panel.locator('canvas').first().waitFor();
    await concluded(window, 'Quickly mine');
    await says(/Quickly mine is in use now/);
    assert.equal(await panel.getByRole('table').count(), 3, 'new against old, epochs and confusion matrix');
    await openModelsView(window);
    await modelsUntil(window, 'the new model in use', (models) => /Quickly mine.*in use/s.test(models.join('\n')));
    await decorationsUntil(window, 'predictions of the new model', (all) => all.length > 10);

    await dismissNotifications(window);
    await runCommand(window, 'Caselight: Roll Back to the Previous Model');
    await notification(window, /Predictions come from Built-in model again/);
    await dismissNotifications(window);

    await retrain(window, 'Thorough', 'Cancelled');
    await says(/Epoch 1 of 5, step \d+ of \d+/);
    await panel.getByRole('button', { name: 'Cancel' }).click();
    await says(/Training was cancelled; the model in use is as it was/);
    await builtInIsInUse();

    await retrain(window, 'Thorough', 'Cut off');
    await says(/Epoch [2-5] of 5/);
    const epochs = panel.getByLabel('Held-out records after');
    await epochs.evaluate((list) => list.setAttribute('data-seen', ''));
    await says(/Epoch [2-5] of 5, step \d+ of \d+/);
    await window.page.waitForTimeout(1_000);
    assert.notEqual(await epochs.getAttribute('data-seen'), null, 'the list of epochs was not made anew');
    killTraining(profile);
    await notification(window, /process for the training stopped before it was done/);
    await says(/The model in use is as it was/);
    await builtInIsInUse();
    await dismissNotifications(window);
    // A run goes on with the settings that it was started with.
    profile.updateSettings({ 'caselight.training.epochs': 9 });
    await runCommand(window, 'Caselight: Retrain Model…');
    await pressNotificationButton(window, /The training of Cut off was cut off after epoch \d of 5/, 'Resume');
    await says(/Epoch [2-5] of 5/);
    await panel.getByRole('rowheader', { name: /^1( ★)?$/ }).waitFor();
    await concluded(window, 'Cut off');
    await says(/Cut off is in use now/);

    async function builtInIsInUse(): Promise<void> {
      await modelsUntil(window, 'the old model in use', (models) => /^Built-in model.*in use/s.test(models[0] ?? ''));
    }
  },
};

/** Kills the training process of this run's VS Code, and no other that may train on this machine. */
function killTraining({ folder }: Profile): void {
  // The extension is installed beside the profile.
  const found = execFileSync('pgrep', ['-f', `${path.dirname(folder)}/.*trainingWorker.js`], { encoding: 'utf8' });
  for (const pid of found.trim().split('\n')) process.kill(Number(pid), 'SIGKILL');
}

/** Asks for a training of the file on screen, in which one record is checked. */
async function retrain(window: VscodeWindow, scope: string, name: string): Promise<void> {
  await runCommand(window, 'Caselight: Retrain Model…');
  await pickItem(window, 'This file');
  await pickItem(window, 'All 60 labelled records');
  await window.page
    .locator('.quick-input-widget')
    .getByText('How thoroughly?')
    .or(window.page.getByPlaceholder(/./))
    .first()
    .waitFor();
  await pickItem(window, scope);
  await submitInput(window, name);
}

/** Waits for the end of a training; a model that is worse is used all the same. */
async function concluded(window: VscodeWindow, name: string): Promise<void> {
  const told = await notification(window, new RegExp(`${name} was trained`), LIMIT_MS);
  if (/but it is worse/.test(told)) await pressNotificationButton(window, /but it is worse/, 'Use New Model');
}
