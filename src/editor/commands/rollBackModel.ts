import { window } from 'vscode';
import type { Services } from '../services.ts';

/** Goes back to the model that this workspace predicted with before. */
export async function rollBackModel({ library }: Services): Promise<void> {
  await library.rollBack();
  const { name } = await library.active();
  void window.showInformationMessage(`Predictions come from ${name} again.`);
}
