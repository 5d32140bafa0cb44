import { type QuickPickItem, ThemeIcon, window } from 'vscode';
import { cancelled } from '../../core/cancellation.ts';
import type { ModelEntry } from './modelEntry.ts';
import type { ModelLibrary } from './modelLibrary.ts';

/**
 * The model that a command was called for in the view *Models*, or else one that is picked from those that fit.
 * @throws UserError CANCELLED
 */
export async function pickModel(
  library: ModelLibrary,
  target: unknown,
  title: string,
  fits: (entry: ModelEntry) => boolean = () => true,
): Promise<ModelEntry> {
  const { entries } = await library.content();
  // The view may be out of date, so what it hands over only names the model.
  const named = entries.find((entry) => isEntry(target) && entry.directory === target.directory);
  if (named !== undefined) return named;
  const items = entries.filter(fits).map((entry) => ({ ...modelPick(entry), entry }));
  const placeHolder = items.length === 0 ? 'There is none yet: import or download a model first.' : '';
  const item = await window.showQuickPick(items, { title, placeHolder });
  if (item === undefined) throw cancelled();
  return item.entry;
}

/** A model as a line of a quick pick. */
export function modelPick({ name, version, isActive, choice, directory }: ModelEntry): QuickPickItem {
  const where = choice === undefined ? directory : version?.created.slice(0, 10);
  return {
    label: name,
    description: [...(isActive ? ['in use'] : []), ...(where === undefined ? [] : [where])].join(' · '),
    iconPath: new ThemeIcon(isActive ? 'check' : 'blank'),
  };
}

function isEntry(target: unknown): target is ModelEntry {
  return typeof target === 'object' && target !== null && 'directory' in target;
}
