import { window } from 'vscode';
import type { Services } from '../services.ts';

/** Goes back to the model that this workspace predicted with before. */
export async function rollBackModel({ library }: Services): Promise<void> {
  const { choice } = await library.active();
  if (choice === undefined) {
    // A folder of the settings stands before the choice: without it the choice holds again.
    const active = await library.registry.active();
    await library.use({ choice: active.version === 'built-in' ? 'built-in' : active.version, directory: '' });
  } else {
    await library.registry.rollBack();
  }
  const { name } = await library.active();
  void window.showInformationMessage(`Predictions come from ${name} again.`);
}
