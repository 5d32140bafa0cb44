import { downloadJob } from './downloadJob.ts';
import { importJob, inspectJob } from './importJob.ts';
import { installTensorFlowJob } from './installTensorFlowJob.ts';
import type { JobHandler, JobName } from './jobs.ts';
import { precisionJob } from './precisionJob.ts';

/** Who does which job of `jobWorker.js`; training has a worker of its own. */
export const handlers: { readonly [Name in Exclude<JobName, 'train' | 'measureTraining'>]: JobHandler<Name> } = {
  inspect: inspectJob,
  import: importJob,
  download: downloadJob,
  precision: precisionJob,
  installTensorFlow: installTensorFlowJob,
};
