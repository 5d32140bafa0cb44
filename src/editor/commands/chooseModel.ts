import { basename, dirname } from 'node:path';
import { ConfigurationTarget, type QuickPickItem, window, workspace } from 'vscode';
import { UserError } from '../../core/userError.ts';
import { describeModel } from '../../models/describeModel.ts';
import type { Services } from '../services.ts';
import { modelSettings, SECTION } from '../settings.ts';

const RECENT_KEY = 'caselight.recentModels';
const MAX_RECENT = 8;

interface ModelItem extends QuickPickItem {
  /** Empty: the built-in model; undefined: ask for a folder. */
  readonly path: string | undefined;
}

/** Picks the built-in model, a recent one or a folder; a folder that cannot serve is refused before anything changes. */
export async function chooseModel({ context, models }: Services): Promise<void> {
  const recent = context.globalState.get<string[]>(RECENT_KEY, []);
  const present = modelSettings().path;
  const mark = (path: string) => (path === present ? '$(check) ' : '');
  const items: ModelItem[] = [
    { label: `${mark('')}Built-in model`, description: 'D/LT, Non-serious, Serious', path: '' },
    ...[...new Set([...(present === '' ? [] : [present]), ...recent])].map((path) => ({
      label: `${mark(path)}${basename(path)}`,
      description: dirname(path),
      path,
    })),
    { label: '$(folder-opened) Choose a model folder…', path: undefined },
  ];
  const item = await window.showQuickPick(items, { title: 'Model that predicts labels' });
  if (item === undefined) return;
  const path = item.path ?? (await askForFolder());
  if (path === undefined) return;
  const description = await describeModel(path === '' ? models.builtInPath : path);
  if (path !== '') await context.globalState.update(RECENT_KEY, [...new Set([path, ...recent])].slice(0, MAX_RECENT));
  // An untrusted workspace may not name a model.
  const forWorkspace = workspace.workspaceFolders !== undefined && workspace.isTrusted;
  const target = forWorkspace ? ConfigurationTarget.Workspace : ConfigurationTarget.Global;
  await workspace.getConfiguration(SECTION).update('model.path', path, target);
  if (modelSettings().path !== path) {
    throw new UserError(
      'BAD_ARGUMENT',
      'The choice has no effect, because "caselight.model.path" is set elsewhere: look for it in the settings.',
    );
  }
  void window.showInformationMessage(
    `Predictions come from ${description.name} now; its labels: ${description.config.labels.join(', ')}.`,
  );
}

async function askForFolder(): Promise<string | undefined> {
  const folders = await window.showOpenDialog({
    canSelectFiles: false,
    canSelectFolders: true,
    title: 'Folder with config.json, model.safetensors and a tokenizer',
    openLabel: 'Use This Model',
  });
  return folders?.[0]?.fsPath;
}
