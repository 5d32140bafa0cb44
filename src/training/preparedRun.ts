import type { ModelDescription } from '../models/describeModel.ts';
import type { MemoryRoom } from './memoryRoom.ts';
import type { RunCheckpoint, RunState } from './runCheckpoint.ts';
import type { StartingPoint } from './startingPoint.ts';
import type { SplitRecords } from './trainingData.ts';
import type { TrainingEngine } from './trainingEngine.ts';
import type { TrainingEvent } from './trainingEvent.ts';
import type { TrainingRun } from './trainingRun.ts';

/** What `trainModel` gets beside the run. */
export interface TrainingContext {
  readonly signal?: AbortSignal;
  readonly onEvent: (event: TrainingEvent) => void;
}

/** Everything that was looked up before the first step. */
export interface PreparedRun {
  readonly run: TrainingRun;
  readonly context: TrainingContext;
  readonly base: ModelDescription;
  readonly original: Readonly<Record<string, unknown>>;
  readonly start: StartingPoint;
  readonly split: SplitRecords;
  readonly engine: TrainingEngine;
  readonly checkpoint: RunCheckpoint;
  /** What the checkpoint held of a run that was cut off. */
  readonly earlier: RunState | undefined;
  readonly room: MemoryRoom;
}
