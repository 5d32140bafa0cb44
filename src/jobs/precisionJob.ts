import { LocalBackend } from '../inference/localBackend.ts';
import { measurePrecision } from '../inference/precisionReport.ts';
import type { JobHandler } from './jobs.ts';

export const precisionJob: JobHandler<'precision'> = ({ model, settings, texts }, { signal, onProgress }) =>
  measurePrecision({
    model,
    modelSettings: settings,
    texts,
    signal,
    onProgress: (done, total) =>
      onProgress({ message: `${done} of ${total} narratives`, fraction: total === 0 ? 1 : done / total }),
    createBackend: (each) => new LocalBackend(each),
  });
