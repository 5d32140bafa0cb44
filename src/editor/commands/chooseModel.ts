import { basename } from 'node:path';
import { commands, type QuickPickItem, QuickPickItemKind, window } from 'vscode';
import { modelPick } from '../models/pickModel.ts';
import type { Services } from '../services.ts';
import { applyModel } from './useModel.ts';

interface ModelItem extends QuickPickItem {
  readonly run?: () => unknown;
}

/** Picks a model of the registry, the built-in one or a folder that is used where it lies; or gets another one. */
export async function chooseModel(services: Services): Promise<void> {
  const { entries } = await services.library.content();
  const items: ModelItem[] = [
    ...entries.map((entry) => ({ ...modelPick(entry), run: () => applyModel(services, entry) })),
    { label: '', kind: QuickPickItemKind.Separator },
    {
      label: '$(folder-opened) Use a model folder where it lies…',
      run: async () => {
        const directory = await askForFolder();
        if (directory === undefined) return;
        const name = basename(directory);
        await applyModel(services, { name, directory, isActive: false, choice: undefined, version: undefined });
      },
    },
    { label: '$(add) Import a model…', run: () => commands.executeCommand('caselight.importModel') },
    { label: '$(cloud-download) Download a model…', run: () => commands.executeCommand('caselight.downloadModel') },
  ];
  const item = await window.showQuickPick(items, { title: 'Model that predicts labels', matchOnDescription: true });
  await item?.run?.();
}

async function askForFolder(): Promise<string | undefined> {
  const folders = await window.showOpenDialog({
    canSelectFiles: false,
    canSelectFolders: true,
    title: 'Folder with config.json, weights and a tokenizer',
    openLabel: 'Use This Model',
  });
  return folders?.[0]?.fsPath;
}
