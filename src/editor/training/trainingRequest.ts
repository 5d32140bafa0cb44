import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { ExtensionContext } from 'vscode';
import { Uri } from 'vscode';
import { editorRecipeFor, parseTrainingScope, type TrainingScope } from '../../core/training/trainingRecipe.ts';
import type { TrainingRun } from '../../training/trainingRun.ts';
import type { ModelLibrary } from '../models/modelLibrary.ts';
import { modelSettings, trainingSettings } from '../settings.ts';
import type { TrainingSources } from './trainingSources.ts';

/** What was asked for, without any text of a record: enough to ask for it again after a crash. */
export interface TrainingRequest {
  /** URIs of the files. */
  readonly files: readonly string[];
  /** Whether records that the annotator never checked are left out. */
  readonly onlyChecked: boolean;
  readonly scope: TrainingScope;
  /** Folder of the model that training starts from, and its name. */
  readonly base: string;
  readonly baseName: string;
  readonly name: string;
}

const PENDING_KEY = 'caselight.training.pending';

/** Remembers the request of a run until it has ended, so that one that was cut off can be taken up again. */
export class PendingTraining {
  constructor(private readonly context: ExtensionContext) {}

  get(): TrainingRequest | undefined {
    const value = this.context.workspaceState.get<TrainingRequest>(PENDING_KEY);
    const isWhole =
      value !== undefined &&
      Array.isArray(value.files) &&
      typeof value.onlyChecked === 'boolean' &&
      parseTrainingScope(value.scope) !== undefined &&
      [value.base, value.baseName, value.name].every((each) => typeof each === 'string');
    return isWhole ? value : undefined;
  }

  async set(request: TrainingRequest | undefined): Promise<void> {
    await this.context.workspaceState.update(PENDING_KEY, request);
  }
}

/** Where the checkpoints of this workspace's run lie. */
export function stagingFolder(context: ExtensionContext, library: ModelLibrary): string {
  const workspace = createHash('sha256').update(library.registryOptions.workspace.key).digest('hex').slice(0, 16);
  return join(context.globalStorageUri.fsPath, 'training', workspace);
}

/** The run that a request asks for. */
export function trainingRun(
  context: ExtensionContext,
  library: ModelLibrary,
  request: TrainingRequest,
  sources: TrainingSources,
): TrainingRun {
  const { epochs, batchSize, engine } = trainingSettings();
  const { maxLength } = modelSettings();
  return {
    base: request.base,
    records: requestedRecords(request, sources),
    ...(request.onlyChecked && { onlyChecked: true }),
    data: sources.data,
    recipe: { ...editorRecipeFor(request.scope), epochs, batchSize, maxLength },
    engine,
    threads: modelSettings().threads,
    name: request.name,
    staging: stagingFolder(context, library),
    cacheDirectory: join(context.globalStorageUri.fsPath, 'derived'),
    tensorflowRoot: context.globalStorageUri.fsPath,
  };
}

/** The records of a request. */
export function requestedRecords(
  { onlyChecked }: Pick<TrainingRequest, 'onlyChecked'>,
  { records, checked }: TrainingSources,
): TrainingRun['records'] {
  return onlyChecked ? checked : records;
}

/** The files of a request. */
export function requestedFiles({ files }: TrainingRequest): readonly Uri[] {
  return files.map((uri) => Uri.parse(uri));
}
