import { join } from 'node:path';
import { window, workspace } from 'vscode';
import { cancelled } from '../../core/cancellation.ts';
import { countText } from '../../core/countText.ts';
import { sizeText } from '../../core/sizeText.ts';
import type { ImportSummary } from '../../models/importSummary.ts';
import type { RegistryScope } from '../../models/registry/activation.ts';
import type { ModelVersion } from '../../models/registry/modelVersion.ts';
import { applyModel } from '../commands/useModel.ts';
import { runJobWithProgress } from '../jobProgress.ts';
import type { Services } from '../services.ts';
import { modelSettings } from '../settings.ts';
import { fileLabels } from './fileLabels.ts';

/** A version that an import made, or found there. */
export interface ImportedVersion {
  readonly version: ModelVersion;
  /** What to say of it. */
  readonly message: string;
}

/**
 * Imports a checkpoint folder into the registry in dialogue: what was found, its labels and name, where to keep it.
 * @throws UserError what is wrong with it, CANCELLED
 */
export async function importFolder(
  services: Services,
  source: string,
  suggestedName: string,
): Promise<ImportedVersion> {
  const found = await runJobWithProgress(services, 'Looking at the checkpoint', 'inspect', { source });
  const labels = needsLabels(found) ? await askForLabels(services, found) : undefined;
  const finding = describe(found, labels ?? found.labels);
  const name = await askForName(suggestedName, finding);
  const scope = await askForScope(services);
  const { precision, threads } = modelSettings();
  const { version, isNew } = await runJobWithProgress(services, `Importing ${name}`, 'import', {
    source,
    name,
    ...(labels && { labels }),
    registry: services.library.registryOptions,
    scope,
    cacheDirectory: join(services.context.globalStorageUri.fsPath, 'derived'),
    precision,
    threads,
  });
  return {
    version,
    message: isNew
      ? `${version.name} was imported: ${finding}.`
      : `This model is there already, as ${version.name}: ${finding}.`,
  };
}

/** Says what was imported and offers to use it. */
export async function offerModel(services: Services, { version, message }: ImportedVersion): Promise<void> {
  const use = 'Use This Model';
  if ((await window.showInformationMessage(message, use)) !== use) return;
  const { entries } = await services.library.content();
  const entry = entries.find(({ directory }) => directory === version.directory);
  if (entry !== undefined) await applyModel(services, entry);
}

/** Whether the labels are for the user to say: a head that is made, or one whose labels have no names. */
function needsLabels({ head, labels }: ImportSummary): boolean {
  return head === 'fresh' || labels.every((label) => /^LABEL_\d+$/.test(label));
}

function describe(found: ImportSummary, labels: readonly string[]): string {
  const { architecture, layerCount, hiddenSize, vocabSize, format, sizeBytes, head } = found;
  const parts = [
    `${architecture}, ${layerCount} layers of ${hiddenSize}`,
    `${countText(vocabSize)} tokens`,
    `${format}, ${sizeText(sizeBytes)}`,
    `labels ${labels.join(', ')}`,
    head === 'present' ? 'with a classification head' : 'without a classification head: a fresh one is to be trained',
  ];
  return parts.join('; ');
}

/** Labels in the order of their ids; those of the active file are offered for a head that is to be trained. */
async function askForLabels({ documents }: Services, { head, labels }: ImportSummary): Promise<readonly string[]> {
  const isFresh = head === 'fresh';
  const active = documents.get(window.activeTextEditor?.document);
  const known = isFresh && active !== undefined ? fileLabels(active) : [];
  const typed = await window.showInputBox({
    title: isFresh ? 'Labels that the model shall learn' : 'Names of the labels',
    prompt: isFresh
      ? 'The checkpoint has no classification head, so a fresh one is made. Name its labels, with commas between them.'
      : `The checkpoint calls them ${labels.join(', ')}. Name all of them in this order, with commas between them.`,
    value: (known.length >= 2 ? known : labels).join(', '),
    ignoreFocusOut: true,
    validateInput: (text) => labelProblem(splitLabels(text), isFresh ? undefined : labels.length),
  });
  if (typed === undefined) throw cancelled();
  return splitLabels(typed);
}

function splitLabels(text: string): string[] {
  return text.split(',').map((label) => label.trim());
}

/** @param count how many there have to be, if that is fixed */
function labelProblem(labels: readonly string[], count: number | undefined): string | undefined {
  if (labels.includes('')) return 'A label is empty.';
  if (new Set(labels).size < labels.length) return 'A label is there twice.';
  if (count !== undefined && labels.length !== count) return `The model has ${count} labels.`;
  return labels.length < 2 ? 'A classifier needs at least two labels.' : undefined;
}

async function askForName(suggested: string, finding: string): Promise<string> {
  const name = await window.showInputBox({
    title: 'Import model: its name',
    prompt: `Found: ${finding}.`,
    value: suggested,
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim() === '' ? 'A model needs a name.' : undefined),
  });
  if (name === undefined) throw cancelled();
  return name.trim();
}

/** Asks only where there is a choice. */
async function askForScope({ library }: Services): Promise<RegistryScope> {
  if (library.registryOptions.workspace.directory === undefined) return 'global';
  const items = [
    { label: 'For all workspaces', description: "in VS Code's storage", scope: 'global' as const },
    {
      label: 'For this workspace',
      description: `in ${workspace.name ?? 'its folder'}, .caselight/models`,
      scope: 'workspace' as const,
    },
  ];
  const item = await window.showQuickPick(items, { title: 'Where to keep the model', ignoreFocusOut: true });
  if (item === undefined) throw cancelled();
  return item.scope;
}
