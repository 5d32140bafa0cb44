import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { ExtensionContext } from 'vscode';
import { Uri } from 'vscode';
import { parseTrainingScope, type TrainingRecipe } from '../../core/training/trainingRecipe.ts';
import type { TrainingRun } from '../../training/trainingRun.ts';
import { trainingSettings } from '../settings.ts';
import type { TrainingSources } from './trainingSources.ts';

/** What was asked for, without any text of a record: enough to ask for it again after a crash. */
export interface TrainingRequest {
  /** Of this run alone: names the folder of its checkpoints. */
  readonly id: string;
  /** URIs of the files. */
  readonly files: readonly string[];
  /** Whether records that the annotator never checked are left out. */
  readonly onlyChecked: boolean;
  /** As it was asked for: whatever the settings are by the time that the run goes on, these lead to the same weights. */
  readonly recipe: TrainingRecipe;
  readonly threads: number;
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
      parseTrainingScope(value.recipe?.scope) !== undefined &&
      typeof value.threads === 'number' &&
      /^[0-9a-f]{16}$/.test(value.id) &&
      [value.base, value.baseName, value.name].every((each) => typeof each === 'string');
    return isWhole ? value : undefined;
  }

  async set(request: TrainingRequest | undefined): Promise<void> {
    await this.context.workspaceState.update(PENDING_KEY, request);
  }
}

export function newRunId(): string {
  return randomBytes(8).toString('hex');
}

/** Where the checkpoints of all runs lie, in a folder each: windows that train at once do not touch each other's. */
export function runsFolder(context: ExtensionContext): string {
  return join(context.globalStorageUri.fsPath, 'training');
}

/** Where the checkpoints of a run lie. */
export function stagingFolder(context: ExtensionContext, { id }: TrainingRequest): string {
  return join(runsFolder(context), id);
}

/** The run that a request asks for. */
export function trainingRun(
  context: ExtensionContext,
  request: TrainingRequest,
  sources: TrainingSources,
): TrainingRun {
  return {
    base: request.base,
    records: requestedRecords(request, sources),
    ...(request.onlyChecked && { onlyChecked: true }),
    data: sources.data,
    recipe: request.recipe,
    engine: trainingSettings().engine,
    threads: request.threads,
    name: request.name,
    staging: stagingFolder(context, request),
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
