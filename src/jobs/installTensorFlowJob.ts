import { installTensorFlow } from '../training/tensorflow/install/installTensorFlow.ts';
import type { JobHandler } from './jobs.ts';
import { thinned } from './thinned.ts';

export const installTensorFlowJob: JobHandler<'installTensorFlow'> = (options, { signal, onProgress }) =>
  installTensorFlow({
    ...options,
    signal,
    onProgress: thinned(onProgress),
    onNotice: (sentence) => onProgress({ message: sentence }),
  });
