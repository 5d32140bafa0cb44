import { join } from 'node:path';
import { ProgressLocation, type QuickPickItem, type Uri, window, workspace } from 'vscode';
import { cancelled } from '../../core/cancellation.ts';
import { countText } from '../../core/countText.ts';
import { leftOutText } from '../../core/training/leftOutFiles.ts';
import { estimateSeconds, roughTime } from '../../core/training/timeEstimate.ts';
import { trainingProblems } from '../../core/training/trainingProblems.ts';
import { editorRecipeFor, type TrainingScope } from '../../core/training/trainingRecipe.ts';
import { runJob } from '../../jobs/runJob.ts';
import type { MeasuredStep } from '../../training/measureStep.ts';
import type { TrainingRun } from '../../training/trainingRun.ts';
import type { Services } from '../services.ts';
import { modelSettings, trainingSettings } from '../settings.ts';
import { newRunId, requestedRecords, type TrainingRequest } from './trainingRequest.ts';
import { type FolderFiles, filesOf, MOST_FILES, readSources, type TrainingSources } from './trainingSources.ts';

/** A request with the records that it names. */
export interface AnsweredRequest {
  readonly request: TrainingRequest;
  readonly sources: TrainingSources;
}

/**
 * Asks what to train on and how thoroughly, with the time that each takes.
 * @throws UserError CANCELLED, TOO_FEW_RECORDS, or what is wrong with a file or the model
 */
export async function askForTraining(services: Services): Promise<AnsweredRequest> {
  const { files, folder } = await askForFiles(services);
  const sources = await readSources(services, files, { leaveOut: folder !== undefined });
  const leftOut = folder && leftOutText(sources.unfit, files.length, { most: MOST_FILES, isCut: folder.isCut });
  if (leftOut !== undefined) void window.showWarningMessage(leftOut);
  const onlyChecked = await askForRecords(sources);
  const records = requestedRecords({ onlyChecked }, sources);
  const counts = countLabels(records);
  const problems = trainingProblems(counts);
  const base = await services.library.active();
  const measured = await measure(services, base.directory, records);
  const scope = await askForScope(records, counts, problems, measured);
  const name = await window.showInputBox({
    title: 'Retrain model: its name',
    prompt: `${countText(records.length)} records; the model that is in use, ${base.name}, stays as it is.`,
    value: `${base.name.replace(/ \(retrained.*\)$/, '')} (retrained)`,
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim() === '' ? 'A model needs a name.' : undefined),
  });
  if (name === undefined) throw cancelled();
  const { epochs, batchSize } = trainingSettings();
  const { threads, maxLength } = modelSettings();
  const request: TrainingRequest = {
    id: newRunId(),
    files: sources.files.map((uri) => uri.toString()),
    onlyChecked,
    recipe: { ...editorRecipeFor(scope), epochs, batchSize, maxLength },
    threads,
    base: base.directory,
    baseName: base.name,
    name: name.trim(),
  };
  return { request, sources };
}

interface AskedFiles {
  readonly files: readonly Uri[];
  /** Where a folder was chosen. */
  readonly folder?: FolderFiles | undefined;
}

/** The active file is the first choice; where there is none, others are asked for at once. */
async function askForFiles({ documents }: Services): Promise<AskedFiles> {
  // Beside a panel that has the focus, no editor is active.
  const active = [window.activeTextEditor, ...window.visibleTextEditors]
    .map((editor) => documents.get(editor?.document))
    .find((cases) => cases !== undefined);
  const items: (QuickPickItem & { readonly ask: () => Promise<AskedFiles | undefined> })[] = [
    ...(active === undefined
      ? []
      : [
          {
            label: 'This file',
            description: workspace.asRelativePath(active.document.uri),
            ask: async () => ({ files: [active.document.uri] }),
          },
        ]),
    {
      label: 'Files…',
      description: 'one or more CSV files',
      ask: async () => {
        const filters = { CSV: ['csv', 'tsv'] };
        const files = await window.showOpenDialog({ canSelectMany: true, filters, openLabel: 'Train on These' });
        return files && { files };
      },
    },
    {
      label: 'A folder…',
      description: 'every CSV file in it and below',
      ask: async () => {
        const [chosen] =
          (await window.showOpenDialog({
            canSelectFiles: false,
            canSelectFolders: true,
            openLabel: 'Train on This Folder',
          })) ?? [];
        const folder = chosen && (await filesOf(chosen));
        return folder && { files: folder.files, folder };
      },
    },
  ];
  const item = await window.showQuickPick(items, {
    title: 'Retrain model: on which labelled records?',
    ignoreFocusOut: true,
  });
  const asked = await item?.ask();
  if (asked === undefined) throw cancelled();
  return asked;
}

/**
 * Asks whether records that were never checked are left out, where some were checked and some were not.
 * @throws UserError CANCELLED
 */
async function askForRecords({ records, checked }: TrainingSources): Promise<boolean> {
  if (checked.length === 0 || checked.length === records.length) return false;
  const items = [
    {
      label: `All ${countText(records.length)} labelled records`,
      detail: classesText(countLabels(records)),
      onlyChecked: false,
    },
    {
      label: `Only the ${checked.length === 1 ? 'one' : countText(checked.length)} that you checked`,
      description: 'their label was accepted, chosen or kept',
      detail: classesText(countLabels(checked)),
      onlyChecked: true,
    },
  ];
  const picked = await window.showQuickPick(items, {
    title: 'Retrain model: which of the labelled records?',
    ignoreFocusOut: true,
  });
  if (picked === undefined) throw cancelled();
  return picked.onlyChecked;
}

function countLabels(records: TrainingRun['records']): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { label } of records) counts.set(label, (counts.get(label) ?? 0) + 1);
  return counts;
}

function classesText(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([label, count]) => `${countText(count)} ${label}`).join(', ');
}

async function measure(services: Services, base: string, records: TrainingRun['records']): Promise<MeasuredStep> {
  const { engine, epochs, batchSize } = trainingSettings();
  const { threads, maxLength } = modelSettings();
  const recipe = { ...editorRecipeFor('last-2'), epochs, batchSize, maxLength };
  return window.withProgress(
    { location: ProgressLocation.Notification, title: 'Measuring a training step on this machine', cancellable: true },
    (_, token) => {
      const abort = new AbortController();
      token.onCancellationRequested(() => abort.abort());
      return runJob(
        'measureTraining',
        { run: { base, records, recipe, engine, threads, tensorflowRoot: services.context.globalStorageUri.fsPath } },
        {
          workerPath: services.context.asAbsolutePath(join('dist', 'trainingWorker.js')),
          signal: abort.signal,
          log: (line) => services.log.info(line),
        },
      );
    },
  );
}

async function askForScope(
  records: TrainingRun['records'],
  counts: ReadonlyMap<string, number>,
  problems: readonly string[],
  { secondsPerToken, meanTokens, layerCount }: MeasuredStep,
): Promise<TrainingScope> {
  const { epochs } = trainingSettings();
  const held = Math.round(records.length * editorRecipeFor('full').validation);
  const size = { layerCount, trainRecords: records.length - held, validationRecords: held, meanTokens };
  const time = (scope: TrainingScope) => roughTime(estimateSeconds({ scope, epochs }, size, secondsPerToken));
  const item = (label: string, scope: TrainingScope, detail: string) => ({
    label,
    description: `about ${time(scope)}, at most ${epochs} epochs`,
    detail,
    scope,
  });
  const items = [
    item('Quick', 'last-2', 'The last two layers learn; what the others make of each text is computed once.'),
    item(
      'Thorough',
      'full',
      'The whole model learns: for many records, or a model that was never trained on this task.',
    ),
    item('Head only', 'head', 'The classification head alone learns: to follow a few corrections.'),
  ];
  const picked = await window.showQuickPick(items, {
    title: `Retrain model: ${classesText(counts)}`,
    placeHolder: problems[0] ?? 'How thoroughly?',
    ignoreFocusOut: true,
  });
  if (picked === undefined) throw cancelled();
  return picked.scope;
}
