import path from 'node:path';
import {
  type DownloadProgress,
  type DownloadRequest,
  type DownloadSummary,
  downloadModel,
} from '../../src/download/downloadModel.ts';
import type { DownloadWorld } from '../../src/download/downloadWorld.ts';
import type { HubServer } from '../support/hubServer.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

/** A download in a world without waiting. */
export interface TestDownload {
  readonly destination: string;
  readonly progress: DownloadProgress[];
  readonly notices: string[];
  readonly waitedMs: number[];
  run(change?: Partial<DownloadRequest>, world?: Partial<DownloadWorld>): Promise<DownloadSummary>;
}

/** Prepares a download of the hub's model into a new folder; it may be run several times. */
export function prepareDownload(hub: HubServer): TestDownload {
  const destination = path.join(temporaryFolder(), 'model');
  const [progress, notices, waitedMs]: [DownloadProgress[], string[], number[]] = [[], [], []];
  return {
    destination,
    progress,
    notices,
    waitedMs,
    run: (change = {}, world = {}) =>
      downloadModel(
        {
          repo: hub.name,
          endpoint: hub.endpoint,
          destination,
          signal: new AbortController().signal,
          onProgress: (each) => {
            progress.push(each);
            // The weights come last: what is missing of all is missing of them.
            const missing = each.totalBytes - each.receivedBytes;
            hub.received(each.file, (hub.files.get(each.file)?.content.length ?? 0) - missing);
          },
          onNotice: (sentence) => notices.push(sentence),
          ...change,
        },
        {
          env: {},
          sleep: async (ms) => {
            waitedMs.push(ms);
          },
          nowMs: () => Date.UTC(2026, 0, 2),
          silenceMs: 10_000,
          ...world,
        },
      ),
  };
}
