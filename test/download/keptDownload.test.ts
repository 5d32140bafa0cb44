import { existsSync, mkdirSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DownloadRequest } from '../../src/download/downloadModel.ts';
import { keptDownload } from '../../src/download/keptDownload.ts';
import { biobertFiles, startHub, weightBytes } from '../support/hubModel.ts';
import type { HubServer } from '../support/hubServer.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { prepareDownload } from './startDownload.ts';

const files = biobertFiles(weightBytes(10_000));
const world = { env: {}, sleep: async () => {}, nowMs: () => 0, silenceMs: 10_000 };

function kept(hub: HubServer, destination: string, change: Partial<DownloadRequest> = {}) {
  const signal = new AbortController().signal;
  return keptDownload(
    { repo: hub.name, endpoint: hub.endpoint, destination, signal, onProgress: () => {}, ...change },
    world,
  );
}

describe('what an earlier download left', () => {
  it('is kept while the repository is at the same commit', async () => {
    const hub = await startHub({ files });
    const { destination, run } = prepareDownload(hub);
    await run();
    const names = readdirSync(destination);
    expect(await kept(hub, destination)).toMatchObject({ repo: hub.name, commit: hub.commit });
    expect(readdirSync(destination)).toEqual(names);
  });

  it.each<[string, (hub: HubServer, destination: string) => Partial<DownloadRequest> | undefined]>([
    [
      'the repository was mended since',
      (hub) => {
        hub.commit = 'b'.repeat(40);
        return undefined;
      },
    ],
    ['it is of another hub', (hub) => ({ endpoint: hub.endpoint.replace('127.0.0.1', 'localhost') })],
    [
      'a file is not whole',
      (_, destination) => {
        truncateSync(path.join(destination, 'pytorch_model.bin'), 10);
        return undefined;
      },
    ],
    [
      'its record is damaged',
      (_, destination) => {
        writeFileSync(path.join(destination, 'caselight-download.json'), '{');
        return undefined;
      },
    ],
  ])('is removed where %s, and fetched anew', async (_, change) => {
    const hub = await startHub({ files });
    const { destination, run } = prepareDownload(hub);
    await run();
    expect(await kept(hub, destination, change(hub, destination))).toBeUndefined();
    expect(existsSync(destination)).toBe(false);
    expect((await run()).commit).toBe(hub.commit);
  });

  it('is kept without a request where a commit was asked for', async () => {
    const hub = await startHub({ files });
    const { destination, run } = prepareDownload(hub);
    await run({ revision: hub.commit });
    const requests = hub.requests.length;
    expect(await kept(hub, destination, { revision: hub.commit })).toMatchObject({ commit: hub.commit });
    expect(hub.requests).toHaveLength(requests);
  });

  it('stays where the hub does not answer', async () => {
    const hub = await startHub({ files });
    const { destination, run } = prepareDownload(hub);
    await run();
    await hub.close();
    await expect(kept(hub, destination)).rejects.toMatchObject({ code: 'NETWORK_FAILED' });
    expect(existsSync(destination)).toBe(true);
  });

  it('is nothing where there is none', async () => {
    const hub = await startHub({ files });
    const destination = path.join(temporaryFolder(), 'none');
    expect(await kept(hub, destination)).toBeUndefined();
    mkdirSync(destination);
    expect(await kept(hub, destination)).toBeUndefined();
    expect(hub.requests).toEqual([]);
  });
});
