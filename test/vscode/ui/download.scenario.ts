import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { HubServer } from '../../support/hubServer.ts';
import { openFile } from '../explorer.ts';
import { modelsUntil, openModelsView } from '../modelsView.ts';
import { notification, pressNotificationButton } from '../notifications.ts';
import { pickItem, runCommand, submitInput } from '../palette.ts';
import type { Scenario } from '../scenario.ts';

const CHECKPOINT = path.resolve('test/fixtures/architectures/distilbert');
const REPOSITORY = 'pharmacovigilance/private-model';
const TOKEN = 'hf_of_a_person';

export const scenario: Scenario = {
  name: 'a private model is downloaded with a token that is asked for, and imported',
  files: { 'narratives.csv': readFileSync(path.resolve('samples/narratives.csv')) },
  async run({ window, profile }) {
    const files = Object.fromEntries(
      readdirSync(CHECKPOINT).map((name) => {
        const content = readFileSync(path.join(CHECKPOINT, name));
        return [name, { content, lfs: name === 'model.safetensors' }];
      }),
    );
    const hub = await HubServer.start({ name: REPOSITORY, token: TOKEN, files });
    try {
      profile.updateSettings({ 'caselight.download.endpoint': hub.endpoint });
      await openFile(window, 'narratives.csv');
      await openModelsView(window);
      await runCommand(window, 'Caselight: Download Model…');
      await submitInput(window, REPOSITORY);
      await pressNotificationButton(window, /private/, 'Enter Token…');
      await submitInput(window, TOKEN);
      await submitInput(window, 'From the hub');
      await pickItem(window, 'For this workspace');
      await notification(window, /From the hub was imported: DistilBERT, 2 layers/);
      await modelsUntil(window, 'the model in the list', (models) =>
        models.some((model) => /^From the hub.*this workspace/s.test(model)),
      );
      assert(existsSync(profile.file('.caselight/models')), 'it lies in the workspace');
      const kept = path.join(profile.userData, 'User/globalStorage/caselight.caselight/downloads');
      assert.deepEqual(existsSync(kept) ? readdirSync(kept) : [], [], 'nothing is left of the download');
      const logs = readFileSync(profile.serverLog, 'utf8');
      assert(!logs.includes(TOKEN), 'the token is in no log');
    } finally {
      await hub.close();
    }
  },
};
