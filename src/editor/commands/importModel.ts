import { basename } from 'node:path';
import { Uri, window } from 'vscode';
import { importFolder, offerModel } from '../models/importFolder.ts';
import type { Services } from '../services.ts';

/** Makes a model of a checkpoint folder: asks for the folder, shows what was found, then writes it. */
export async function importModel(services: Services, target: unknown): Promise<void> {
  const folder = target instanceof Uri ? target.fsPath : await askForFolder();
  if (folder === undefined) return;
  await offerModel(services, await importFolder(services, folder, basename(folder)));
}

async function askForFolder(): Promise<string | undefined> {
  const folders = await window.showOpenDialog({
    canSelectFiles: false,
    canSelectFolders: true,
    title: 'Folder of a Hugging Face checkpoint',
    openLabel: 'Import',
  });
  return folders?.[0]?.fsPath;
}
