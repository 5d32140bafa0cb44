import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { notebookRecipe } from '../../src/core/training/trainingRecipe.ts';
import { runJob } from '../../src/jobs/runJob.ts';
import { ModelRegistry } from '../../src/models/registry/modelRegistry.ts';
import type { TrainingEvent } from '../../src/training/trainingEvent.ts';
import type { TrainingRun } from '../../src/training/trainingRun.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { trainingRecords } from '../support/trainingRecords.ts';

const workerPath = path.resolve('dist/trainingWorker.js');

function runOf(folder: string, epochs: number): TrainingRun {
  return {
    base: path.resolve('test/fixtures/architectures/bert'),
    records: trainingRecords(60),
    data: [],
    recipe: { ...notebookRecipe, epochs, maxLength: 24 },
    engine: 'auto',
    threads: 1,
    name: 'mine',
    staging: path.join(folder, 'staging'),
    cacheDirectory: path.join(folder, 'cache'),
    tensorflowRoot: folder,
  };
}

describe('the training process', () => {
  it('tells events, adds a version to the registry, and chooses none', async () => {
    const folder = temporaryFolder();
    const registry = { directory: path.join(folder, 'models'), workspace: { key: 'w', name: 'w' } };
    const events: TrainingEvent[] = [];
    const log: string[] = [];
    const { version, outcome } = await runJob(
      'train',
      { run: runOf(folder, 2), registry, scope: 'global' },
      { workerPath, log: (line) => log.push(line), onEvent: (event) => events.push(event) },
    );
    expect(version).toMatchObject({ name: 'mine', scope: 'global' });
    expect(outcome).toMatchObject({ engine: 'onnxruntime', epochs: 2 });
    expect(events.map(({ type }) => type).filter((type) => type !== 'step' && type !== 'note')).toEqual([
      'start',
      'epoch',
      'epoch',
    ]);
    const opened = new ModelRegistry(registry);
    expect((await opened.list()).map(({ name }) => name)).toEqual(['mine']);
    expect((await opened.active()).version).toBe('built-in');
    expect(log.join('\n')).not.toMatch(/fever|seizure/);
  });

  it('leaves no version, but a checkpoint, when it is stopped', async () => {
    const folder = temporaryFolder();
    const registry = { directory: path.join(folder, 'models'), workspace: { key: 'w', name: 'w' } };
    const abort = new AbortController();
    const cut = runJob(
      'train',
      { run: runOf(folder, 500), registry, scope: 'global' },
      {
        workerPath,
        log: () => {},
        signal: abort.signal,
        onEvent: (event) => event.type === 'epoch' && event.epoch === 2 && abort.abort(),
      },
    );
    await expect(cut).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await new ModelRegistry(registry).list()).toEqual([]);
    expect(readdirSync(path.join(folder, 'staging'))).toContain('run.json');
  });

  it('measures a step', async () => {
    const { secondsPerToken, meanTokens, layerCount } = await runJob(
      'measureTraining',
      { run: runOf(temporaryFolder(), 1) },
      { workerPath, log: () => {} },
    );
    expect(secondsPerToken).toBeGreaterThan(0);
    expect(meanTokens).toBeGreaterThan(3);
    expect(layerCount).toBe(2);
  });
});
