import type { ClassificationReport } from '../core/metrics/classificationReport.ts';
import type { TrainingRecipe } from '../core/training/trainingRecipe.ts';
import type { EngineName } from './trainingEngine.ts';

/** One labelled text. */
export interface TrainingRecord {
  readonly text: string;
  readonly label: string;
}

/** What to train, on what, and where to put it. Plain values: it crosses to the worker process as it is. */
export interface TrainingRun {
  /** Model directory that training starts from, or a checkpoint in any supported format. */
  readonly base: string;
  /** Labelled records; those without a text or label are left out before. */
  readonly records: readonly TrainingRecord[];
  /** Records that the annotator never checked were left out before; absent where nobody asked for that. */
  readonly onlyChecked?: true;
  /** Held-out records; in place of splitting off `recipe.validation` of the others. */
  readonly validationRecords?: readonly TrainingRecord[];
  /**
   * Where the records come from, for the manifest: names of the files and SHA-256 of their bytes; where an editor had changes that
   * were not saved, of its text in UTF-8. No text of a record.
   */
  readonly data: readonly { readonly file: string; readonly sha256: string; readonly unsaved?: true }[];
  readonly recipe: TrainingRecipe;
  readonly engine: 'auto' | EngineName;
  readonly threads: number;
  /** What to call the model. */
  readonly name: string;
  /** Folder for this run's checkpoints: a run that was cut off goes on from there. Removed when the run is done. */
  readonly staging: string;
  /** Where the checkpoints are of other records or settings: refuse, in place of giving them up and starting anew. */
  readonly mustGoOn?: boolean;
  /** Where hidden states and derived ONNX files are kept. */
  readonly cacheDirectory: string;
  /** Folder under which TensorFlow may be installed. */
  readonly tensorflowRoot: string;
}

/** What came of a run. */
export interface TrainingOutcome {
  readonly engine: EngineName;
  /** The epoch whose weights are the result, from 1. */
  readonly epoch: number;
  readonly epochs: number;
  readonly stoppedEarly: boolean;
  readonly trainRecords: number;
  readonly validationRecords: number;
  readonly seconds: number;
  /** The new model on the validation records; absent without any. */
  readonly report?: ClassificationReport;
  /** The model that training started from on the same records; absent where its labels are others. */
  readonly baseReport?: ClassificationReport;
}
