import { MarkdownString, ThemeColor, ThemeIcon, TreeItem } from 'vscode';
import { markdownText } from '../../core/markdown.ts';
import { sizeText } from '../../core/sizeText.ts';
import { timeText } from '../../models/modelPage.ts';
import { isUntrained, type ModelEntry } from './modelEntry.ts';

/** A model as a line of the view *Models*. */
export function modelItem(entry: ModelEntry): TreeItem {
  const { name, version, isActive } = entry;
  const item = new TreeItem(name);
  item.id = version === undefined ? entry.directory : `${version.scope}/${version.id}`;
  const facts = [...status(entry), ...origin(entry)];
  item.description = facts.join(' · ');
  item.iconPath = icon(entry);
  item.tooltip = tooltip(entry);
  item.accessibilityInformation = { label: [name, ...facts].join(', ') };
  item.contextValue = [isActive ? 'active' : 'idle', ...(version === undefined ? [] : ['version'])].join(' ');
  item.command = { command: 'caselight.showModel', title: 'Show Model Details', arguments: [entry] };
  return item;
}

/** What decides whether to use it. */
function status(entry: ModelEntry): string[] {
  return [
    ...(entry.isActive ? ['in use'] : []),
    ...(entry.version?.damage === undefined ? [] : ['damaged']),
    ...(isUntrained(entry) ? ['not trained'] : []),
  ];
}

function origin({ choice, version }: ModelEntry): string[] {
  if (choice === undefined) return ['folder of the settings'];
  if (version === undefined) return [];
  return [version.created.slice(0, 10), ...(version.scope === 'workspace' ? ['this workspace'] : [])];
}

function icon(entry: ModelEntry): ThemeIcon {
  if (entry.version?.damage !== undefined) return new ThemeIcon('warning', new ThemeColor('list.warningForeground'));
  if (entry.isActive) return new ThemeIcon('pass-filled', new ThemeColor('charts.green'));
  if (entry.choice === undefined) return new ThemeIcon('folder');
  return new ThemeIcon(isUntrained(entry) ? 'circle-large-outline' : 'package');
}

function tooltip(entry: ModelEntry): MarkdownString {
  const { name, directory, version } = entry;
  const lines = [`**${markdownText(name)}**`];
  if (version?.damage !== undefined) lines.push(markdownText(version.damage));
  if (isUntrained(entry))
    lines.push('Its classification head is fresh: train the model before you trust a prediction.');
  if (version !== undefined)
    lines.push(`Made ${markdownText(timeText(version.created))}, ${sizeText(version.sizeBytes)}`);
  lines.push(markdownText(directory));
  return new MarkdownString(lines.join('\n\n'));
}
