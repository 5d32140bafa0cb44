import { readFileSync } from 'node:fs';
import path from 'node:path';
import { openFile } from '../explorer.ts';
import { modelMenu, modelsUntil, openModelsView } from '../modelsView.ts';
import { dismissNotifications, notification } from '../notifications.ts';
import { runCommand } from '../palette.ts';
import type { Scenario } from '../scenario.ts';

export const scenario: Scenario = {
  name: 'a folder of the settings that another model took the place of is rolled back to',
  files: { 'narratives.csv': readFileSync(path.resolve('samples/narratives.csv')) },
  settings: { 'caselight.model.path': path.resolve('models/default') },
  async run({ window }) {
    const inUse = (name: RegExp) =>
      modelsUntil(window, `${name} in use`, (models) =>
        models.some((model) => name.test(model) && /in use/.test(model)),
      );
    await openFile(window, 'narratives.csv');
    await openModelsView(window);
    await inUse(/^default/);

    await modelMenu(window, 'Built-in model', 'Use This Model');
    await inUse(/^Built-in model/);
    await dismissNotifications(window);

    await runCommand(window, 'Caselight: Roll Back to the Previous Model');
    await notification(window, /Predictions come from default again/);
    await inUse(/^default/);
    await dismissNotifications(window);

    // What was in use before the folder is not known: without it, the choice of the registry holds.
    await runCommand(window, 'Caselight: Roll Back to the Previous Model');
    await notification(window, /Predictions come from Built-in model again/);
  },
};
