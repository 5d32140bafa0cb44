import { window } from 'vscode';
import { pickModel } from '../models/pickModel.ts';
import type { Services } from '../services.ts';

/** Gives a version of the registry another name; its content stays. */
export async function renameModel({ library }: Services, target: unknown): Promise<void> {
  const entry = await pickModel(library, target, 'Model to rename', ({ version }) => version !== undefined);
  if (entry.version === undefined) return;
  const name = await window.showInputBox({ title: `New name of ${entry.name}`, value: entry.name });
  if (name !== undefined) await library.registry.rename(entry.version, name);
}
