import { downloadJob } from './downloadJob.ts';
import { importJob, inspectJob } from './importJob.ts';
import type { JobHandler, JobName } from './jobs.ts';
import { precisionJob } from './precisionJob.ts';

/** Who does which job. */
export const handlers: { readonly [Name in JobName]: JobHandler<Name> } = {
  inspect: inspectJob,
  import: importJob,
  download: downloadJob,
  precision: precisionJob,
};
