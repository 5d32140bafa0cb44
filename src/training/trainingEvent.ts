import type { ClassificationReport } from '../core/metrics/classificationReport.ts';
import type { TrainingRecipe } from '../core/training/trainingRecipe.ts';
import type { EngineName } from './trainingEngine.ts';

/** What training tells while it goes on, all plain values: lines of `caselight train --json` and messages of the worker. */
export type TrainingEvent = StartEvent | PreparingEvent | StepEvent | EpochEvent | NoteEvent;

export interface StartEvent {
  readonly type: 'start';
  readonly engine: EngineName;
  readonly versions: Readonly<Record<string, string>>;
  readonly threads: number;
  readonly recipe: TrainingRecipe;
  readonly baseModel: string;
  /** Sorted; the position is the class's id. */
  readonly labels: readonly string[];
  /** As in the run. */
  readonly onlyChecked?: true;
  readonly trainRecords: number;
  readonly validationRecords: number;
  /** Label to number of training records. */
  readonly classCounts: Readonly<Record<string, number>>;
  /** Steps of the whole run. */
  readonly steps: number;
  /** Steps that an earlier, cut-off run had done: 0 for a new one. */
  readonly resumedFrom: number;
  /** Epochs that it had done: none for a new one. */
  readonly history: readonly EpochEvent[];
  /** Numbers that are trained, and numbers of the whole model. */
  readonly trainedParameters: number;
  readonly parameters: number;
}

/** Work before the first step, such as what the frozen part makes of every text. */
export interface PreparingEvent {
  readonly type: 'preparing';
  readonly message: string;
  /** 0 to 1. */
  readonly fraction?: number;
}

export interface StepEvent {
  readonly type: 'step';
  /** From 1, over all epochs. */
  readonly step: number;
  readonly epoch: number;
  readonly loss: number;
  /** Share of the batch whose most probable class was right, with dropout. */
  readonly accuracy: number;
  readonly gradientNorm: number;
  readonly learningRate: number;
  readonly seconds: number;
}

export interface EpochEvent {
  readonly type: 'epoch';
  /** From 1. */
  readonly epoch: number;
  /** Means over the epoch's records as they were trained on, with dropout. */
  readonly trainLoss: number;
  readonly trainAccuracy: number;
  /** Absent where no record is held out. */
  readonly validationLoss?: number;
  readonly validationAccuracy?: number;
  readonly validationMacroF1?: number;
  readonly validation?: ClassificationReport;
  /** Of training and validation. */
  readonly seconds: number;
  /** True where this is the best epoch so far, which is the one that is kept with `keep: 'best'`. */
  readonly best: boolean;
}

/** Something a person should know: records left out, an early stop, classes with few records. */
export interface NoteEvent {
  readonly type: 'note';
  readonly message: string;
}
