import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { JobName, Jobs } from '../../src/jobs/jobs.ts';
import { type RunJobOptions, runJob } from '../../src/jobs/runJob.ts';
import { ModelRegistry } from '../../src/models/registry/modelRegistry.ts';
import { HubServer } from '../support/hubServer.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { sha256, wheel } from '../support/tensorflowArchives.ts';

/** A tiny checkpoint that a reference library saved. */
const CHECKPOINT = resolve('test/fixtures/architectures/distilbert');

const run = <Name extends JobName>(name: Name, options: Jobs[Name]['options'], more: Partial<RunJobOptions> = {}) =>
  runJob(name, options, { workerPath: resolve('dist/jobWorker.js'), log: () => {}, ...more });

const importInto = (folder: string): Jobs['import']['options'] => ({
  source: CHECKPOINT,
  name: 'Tiny',
  registry: { directory: join(folder, 'models'), workspace: { key: 'here', name: 'Here' } },
  scope: 'global',
  cacheDirectory: join(folder, 'derived'),
  precision: 'int8',
  threads: 1,
});

describe('the job process', () => {
  it('inspects a checkpoint and writes nothing', async () => {
    const before = readdirSync(CHECKPOINT);
    await expect(run('inspect', { source: CHECKPOINT })).resolves.toMatchObject({
      architecture: 'DistilBERT',
      head: 'present',
      layerCount: 2,
    });
    expect(readdirSync(CHECKPOINT)).toEqual(before);
  });

  it('imports a checkpoint as a version of the registry, ready to be used', async () => {
    const folder = temporaryFolder();
    const options = importInto(folder);
    const { version, isNew } = await run('import', options);
    expect({ name: version.name, isNew }).toEqual({ name: 'Tiny', isNew: true });
    const listed = await new ModelRegistry(options.registry).list();
    expect(listed.map(({ id }) => id)).toEqual([version.id]);
    expect(readdirSync(options.cacheDirectory)).toHaveLength(1);
    await expect(run('import', options)).resolves.toMatchObject({ isNew: false });
  });

  it('leaves nothing of an import that is cancelled', async () => {
    const folder = temporaryFolder();
    const abort = new AbortController();
    const job = run('import', importInto(folder), { signal: abort.signal, onProgress: () => abort.abort() });
    await expect(job).rejects.toMatchObject({ code: 'CANCELLED' });
    const models = join(folder, 'models');
    const entries = existsSync(models) ? readdirSync(models).filter((name) => name !== '.lock') : [];
    expect(entries).toEqual([]);
  });

  it('says what is wrong in the words of whoever found it', async () => {
    await expect(run('inspect', { source: temporaryFolder() })).rejects.toMatchObject({
      code: 'MODEL_NOT_FOUND',
      message: expect.stringMatching(/config\.json/),
    });
  });

  it('downloads into a folder, with progress', async () => {
    const hub = await HubServer.start({
      name: 'owner/model',
      files: Object.fromEntries(
        readdirSync(CHECKPOINT).map((file) => [file, { content: readFileSync(join(CHECKPOINT, file)), lfs: false }]),
      ),
    });
    onTestFinished(() => hub.close());
    const destination = join(temporaryFolder(), 'fetched');
    const messages: string[] = [];
    const summary = await run(
      'download',
      { repo: 'owner/model', endpoint: hub.endpoint, destination },
      { onProgress: ({ message }) => messages.push(message) },
    );
    expect(summary).toMatchObject({ repo: 'owner/model', resumedBytes: 0 });
    expect(readdirSync(destination)).toEqual(expect.arrayContaining(readdirSync(CHECKPOINT)));
    expect(messages.length).toBeGreaterThan(0);
  });

  it.skipIf(process.platform !== 'linux' || process.arch !== 'x64')('installs TensorFlow, with progress', async () => {
    const root = temporaryFolder();
    const file = join(root, 'tensorflow.whl');
    writeFileSync(file, wheel());
    const messages: string[] = [];
    const source = { kind: 'file', path: file, sha256: sha256(wheel()) } as const;
    const summary = await run(
      'installTensorFlow',
      { root, source, force: false },
      { onProgress: ({ message }) => messages.push(message) },
    );
    expect(summary).toMatchObject({ isNew: true, installation: { version: '2.21.0' } });
    expect(readdirSync(join(root, 'tensorflow'))).toHaveLength(3);
    expect(messages.at(-1)).toBe('unpacking, 250 kB of 250 kB');
  });

  it('refuses a job of another version of Caselight', async () => {
    await expect(run('nothing' as 'inspect', { source: '' })).rejects.toMatchObject({ code: 'JOB_CRASHED' });
  });
});
