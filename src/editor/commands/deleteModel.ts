import { window } from 'vscode';
import { sizeText } from '../../core/sizeText.ts';
import { UserError } from '../../core/userError.ts';
import { pickModel } from '../models/pickModel.ts';
import type { Services } from '../services.ts';

/** Deletes a version of the registry after asking; never the one in use. */
export async function deleteModel({ library }: Services, target: unknown): Promise<void> {
  const { version } = await pickModel(
    library,
    target,
    'Model to delete',
    (entry) => entry.version !== undefined && !entry.isActive,
  );
  if (version === undefined) return;
  const confirmed = await confirm(
    `Delete the model ${version.name}?`,
    `${sizeText(version.sizeBytes)} in ${version.directory} go for good.`,
    'Delete',
  );
  if (!confirmed) return;
  try {
    await library.registry.remove(version);
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'MODEL_IN_USE') throw error;
    if (await isInUseHere(version.id)) throw error;
    const anyway = await confirm(error.message, 'They would predict with the built-in model.', 'Delete Anyway');
    if (anyway) await library.registry.remove(version, { force: true });
  }

  async function isInUseHere(id: string): Promise<boolean> {
    const active = await library.registry.active();
    return active.version !== 'built-in' && active.version.id === id;
  }
}

async function confirm(message: string, detail: string, action: string): Promise<boolean> {
  return (await window.showWarningMessage(message, { modal: true, detail }, action)) === action;
}
