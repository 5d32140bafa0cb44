import { sizeText } from '../core/sizeText.ts';
import { downloadModel } from '../download/downloadModel.ts';
import type { JobHandler } from './jobs.ts';
import { thinned } from './thinned.ts';

export const downloadJob: JobHandler<'download'> = (options, { signal, onProgress }) => {
  const report = thinned(onProgress);
  return downloadModel({
    ...options,
    signal,
    onProgress: ({ file, receivedBytes, totalBytes }) =>
      report({
        message: `${file}, ${sizeText(receivedBytes)} of ${sizeText(totalBytes)}`,
        fraction: totalBytes === 0 ? 0 : receivedBytes / totalBytes,
      }),
    onNotice: (sentence) => onProgress({ message: sentence }),
  });
};
