import { join } from 'node:path';
import { ProgressLocation, type QuickPickItem, type Uri, window, workspace } from 'vscode';
import { cancelled } from '../../core/cancellation.ts';
import { countText } from '../../core/countText.ts';
import { estimateSeconds, roughTime } from '../../core/training/timeEstimate.ts';
import { trainingProblems } from '../../core/training/trainingProblems.ts';
import { editorRecipeFor, type TrainingScope } from '../../core/training/trainingRecipe.ts';
import { runJob } from '../../jobs/runJob.ts';
import type { MeasuredStep } from '../../training/measureStep.ts';
import type { Services } from '../services.ts';
import { modelSettings, trainingSettings } from '../settings.ts';
import { newRunId, type TrainingRequest } from './trainingRequest.ts';
import { filesOf, readSources, type TrainingSources } from './trainingSources.ts';

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
  const files = await askForFiles(services);
  const sources = await readSources(services.documents, files);
  const counts = new Map<string, number>();
  for (const { label } of sources.records) counts.set(label, (counts.get(label) ?? 0) + 1);
  const problems = trainingProblems(counts);
  const base = await services.library.active();
  const measured = await measure(services, base.directory, sources);
  const scope = await askForScope(sources, counts, problems, measured);
  const name = await window.showInputBox({
    title: 'Retrain model: its name',
    prompt: `${countText(sources.records.length)} records; the model that is in use, ${base.name}, stays as it is.`,
    value: `${base.name.replace(/ \(retrained.*\)$/, '')} (retrained)`,
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim() === '' ? 'A model needs a name.' : undefined),
  });
  if (name === undefined) throw cancelled();
  const { epochs, batchSize } = trainingSettings();
  const { threads, maxLength } = modelSettings();
  const request: TrainingRequest = {
    id: newRunId(),
    files: files.map((uri) => uri.toString()),
    recipe: { ...editorRecipeFor(scope), epochs, batchSize, maxLength },
    threads,
    base: base.directory,
    baseName: base.name,
    name: name.trim(),
  };
  return { request, sources };
}

/** The active file is the first choice; where there is none, others are asked for at once. */
async function askForFiles({ documents }: Services): Promise<readonly Uri[]> {
  // Beside a panel that has the focus, no editor is active.
  const active = [window.activeTextEditor, ...window.visibleTextEditors]
    .map((editor) => documents.get(editor?.document))
    .find((cases) => cases !== undefined);
  const items: (QuickPickItem & { readonly files: () => Promise<readonly Uri[] | undefined> })[] = [
    ...(active === undefined
      ? []
      : [
          {
            label: 'This file',
            description: workspace.asRelativePath(active.document.uri),
            files: async () => [active.document.uri],
          },
        ]),
    {
      label: 'Files…',
      description: 'one or more CSV files',
      files: async () =>
        window.showOpenDialog({ canSelectMany: true, filters: { CSV: ['csv', 'tsv'] }, openLabel: 'Train on These' }),
    },
    {
      label: 'A folder…',
      description: 'every CSV file in it and below',
      files: async () => {
        const [folder] =
          (await window.showOpenDialog({
            canSelectFiles: false,
            canSelectFolders: true,
            openLabel: 'Train on This Folder',
          })) ?? [];
        return folder && filesOf(folder);
      },
    },
  ];
  const item = await window.showQuickPick(items, {
    title: 'Retrain model: on which labelled records?',
    ignoreFocusOut: true,
  });
  const files = await item?.files();
  if (files === undefined) throw cancelled();
  return files;
}

async function measure(services: Services, base: string, sources: TrainingSources): Promise<MeasuredStep> {
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
        { run: { base, records: sources.records, recipe, engine, threads } },
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
  { records }: TrainingSources,
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
  const classes = [...counts].map(([label, count]) => `${countText(count)} ${label}`).join(', ');
  const picked = await window.showQuickPick(items, {
    title: `Retrain model: ${classes}`,
    placeHolder: problems[0] ?? 'How thoroughly?',
    ignoreFocusOut: true,
  });
  if (picked === undefined) throw cancelled();
  return picked.scope;
}
