import type { PrecisionReport } from '../core/metrics/precisionReport.ts';
import type { DownloadOrigin } from '../download/downloadRecord.ts';
import type { ModelSettings } from '../inference/backend.ts';
import type { Precision } from '../models/derivedModel.ts';
import type { ModelDescription } from '../models/describeModel.ts';
import type { ImportSummary } from '../models/importSummary.ts';
import type { RegistryScope } from '../models/registry/activation.ts';
import type { AddedVersion } from '../models/registry/addVersion.ts';
import type { ModelRegistryOptions } from '../models/registry/modelRegistry.ts';
import type { MeasuredStep } from '../training/measureStep.ts';
import type { InstallSummary } from '../training/tensorflow/install/installTensorFlow.ts';
import type { TensorFlowSource } from '../training/tensorflow/install/obtainArchive.ts';
import type { TrainingEvent } from '../training/trainingEvent.ts';
import type { TrainingOutcome, TrainingRun } from '../training/trainingRun.ts';
import type { JobProgress } from './protocol.ts';

/** What the job process can do: the options that each job takes and the result that it gives, all plain values. */
export interface Jobs {
  /** Checks a checkpoint without writing anything. */
  readonly inspect: {
    readonly options: { readonly source: string; readonly labels?: readonly string[] };
    readonly result: ImportSummary;
  };
  /** Makes a version in the registry of a checkpoint. */
  readonly import: {
    readonly options: {
      readonly source: string;
      readonly name: string;
      /** Default: those of the checkpoint. */
      readonly labels?: readonly string[];
      readonly registry: Pick<ModelRegistryOptions, 'directory' | 'workspace'>;
      readonly scope: RegistryScope;
      /** Where ONNX files derived from the model are kept. */
      readonly cacheDirectory: string;
      /** What the model will be run in: prepared now, so that it can be used at once. */
      readonly precision: Precision;
      readonly threads: number;
    };
    readonly result: AddedVersion & { readonly summary: ImportSummary };
  };
  /** Fetches a checkpoint from a Hugging Face hub into a folder of ours, unless what it brings is there already. */
  readonly download: {
    readonly options: {
      readonly repo: string;
      readonly revision?: string;
      readonly endpoint?: string;
      readonly token?: string;
      readonly destination: string;
    };
    readonly result: DownloadOrigin;
  };
  /** Measures what int8 changes on a sample of texts. */
  readonly precision: {
    readonly options: {
      readonly model: Pick<ModelDescription, 'name' | 'config'>;
      readonly settings: ModelSettings;
      readonly texts: readonly string[];
    };
    readonly result: PrecisionReport;
  };
  /** Installs the native library of the TensorFlow engine. */
  readonly installTensorFlow: {
    readonly options: { readonly root: string; readonly source: TensorFlowSource; readonly force: boolean };
    readonly result: InstallSummary;
  };
  /** Trains a model, in `trainingWorker.js`; tells events. */
  readonly train: {
    readonly options: {
      readonly run: TrainingRun;
      readonly registry: Pick<ModelRegistryOptions, 'directory' | 'workspace'>;
      readonly scope: RegistryScope;
    };
    readonly result: AddedVersion & { readonly outcome: TrainingOutcome };
  };
  /** Times a training step, in `trainingWorker.js`. */
  readonly measureTraining: {
    readonly options: {
      readonly run: Pick<TrainingRun, 'base' | 'records' | 'recipe' | 'engine' | 'tensorflowRoot' | 'threads'>;
    };
    readonly result: MeasuredStep;
  };
}

export type JobName = keyof Jobs;

/** What a job gets beside its options. */
export interface JobContext {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: JobProgress) => void;
  readonly onEvent: (event: TrainingEvent) => void;
}

/** Does one job. */
export type JobHandler<Name extends JobName> = (
  options: Jobs[Name]['options'],
  context: JobContext,
) => Promise<Jobs[Name]['result']>;
