import { sizeText } from '../core/sizeText.ts';
import { type DownloadRequest, downloadModel } from '../download/downloadModel.ts';
import { keptDownload } from '../download/keptDownload.ts';
import type { JobHandler } from './jobs.ts';
import { thinned } from './thinned.ts';

export const downloadJob: JobHandler<'download'> = async (options, { signal, onProgress }) => {
  const report = thinned(onProgress);
  const request: DownloadRequest = {
    ...options,
    signal,
    onProgress: ({ file, receivedBytes, totalBytes }) =>
      report({
        message: `${file}, ${sizeText(receivedBytes)} of ${sizeText(totalBytes)}`,
        fraction: totalBytes === 0 ? 0 : receivedBytes / totalBytes,
      }),
    onNotice: (sentence) => onProgress({ message: sentence }),
  };
  return (await keptDownload(request)) ?? downloadModel(request);
};
