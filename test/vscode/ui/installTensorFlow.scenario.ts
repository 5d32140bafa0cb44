import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { HubServer } from '../../support/hubServer.ts';
import { sha256, wheel } from '../../support/tensorflowArchives.ts';
import { chooseFile } from '../dialogs.ts';
import { openFile } from '../explorer.ts';
import { notification, pressNotificationButton } from '../notifications.ts';
import { pickItem, runCommand, submitInput } from '../palette.ts';
import type { Scenario } from '../scenario.ts';

const COMMAND = 'Caselight: Install TensorFlow Engine';
const FILE = 'tensorflow_cpu-2.21.0.whl';

export const scenario: Scenario = {
  name: 'TensorFlow is not on the mirror, and is installed from a file whose hash is entered',
  files: { [FILE]: wheel(), 'narratives.csv': 'Narrative,Seriousness\nfever,Serious\n' },
  skip: () => (process.arch === 'x64' ? undefined : 'the binding is made for x64'),
  async run({ window, profile }) {
    const mirror = await HubServer.start({ files: {} });
    try {
      mirror.fail('libtensorflow-cpu-linux-x86_64-2.9.1.tar.gz', { status: 404 });
      profile.updateSettings({ 'caselight.tensorflow.mirror': mirror.storage });
      await openFile(window, 'narratives.csv');
      await runCommand(window, COMMAND);
      await pickItem(window, 'Download from the mirror');
      await notification(window, /is not there at .* \(404\): check the address of the mirror/);
      await runCommand(window, COMMAND);
      await pickItem(window, 'Choose a file…');
      await chooseFile(window, profile.file(FILE));
      await pressNotificationButton(window, /is no archive that Caselight knows/, 'Enter SHA-256…');
      await submitInput(window, sha256(wheel()));
      await notification(window, 'TensorFlow 2.21.0 is installed.');
      const storage = path.join(profile.userData, 'User/globalStorage/caselight.caselight');
      assert.deepEqual(
        readdirSync(path.join(storage, 'tensorflow')).sort(),
        ['installation.json', 'libtensorflow.so.2', 'libtensorflow_framework.so.2'],
        'the libraries lie in the storage of the extension',
      );
      assert(!readdirSync(storage).includes('tensorflow-installing'), 'nothing is left of the installation');
      await runCommand(window, COMMAND);
      await notification(window, 'TensorFlow 2.21.0 is installed already.');
    } finally {
      await mirror.close();
    }
  },
};
