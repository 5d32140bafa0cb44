import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ModelRegistry } from '../../../src/models/registry/modelRegistry.ts';
import { type WatchTiming, watchFolder } from '../../../src/models/registry/watchFolder.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';
import { tinyVersion } from './tinyVersion.ts';

/** Told by the system alone, and by looking alone. */
const TOLD: WatchTiming = { settleMs: 10, pollMs: 60_000 };
const POLLED: WatchTiming = { settleMs: 60_000, pollMs: 20 };

async function watched(directory: string, timing: WatchTiming) {
  const onChange = vi.fn();
  const watcher = await watchFolder(directory, onChange, timing);
  onTestFinished(() => watcher.dispose());
  /** Waits for as many calls more. */
  const calls = (count: number) => vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(count), { timeout: 10_000 });
  return { watcher, onChange, calls };
}

const replaceRegistry = (directory: string) => {
  writeFileSync(path.join(directory, '.new'), '{}');
  renameSync(path.join(directory, '.new'), path.join(directory, 'registry.json'));
};

describe('a registry that is watched', () => {
  it.each([
    ['the system says so', TOLD],
    ['it is looked at', POLLED],
  ])('reports versions and a registry.json that come and go, when %s', async (_, timing) => {
    const directory = temporaryFolder();
    const { calls } = await watched(directory, timing);
    mkdirSync(path.join(directory, 'a-01234567'));
    await calls(1);
    replaceRegistry(directory);
    await calls(2);
    replaceRegistry(directory);
    await calls(3);
    rmSync(path.join(directory, 'a-01234567'), { recursive: true });
    await calls(4);
  });

  it('says nothing of locks and unfinished versions, and one thing of a burst', async () => {
    const directory = temporaryFolder();
    const { onChange, calls } = await watched(directory, { settleMs: 100, pollMs: 20 });
    mkdirSync(path.join(directory, '.lock'));
    mkdirSync(path.join(directory, '.temporary-x'));
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(onChange).not.toHaveBeenCalled();
    for (const id of ['a', 'b', 'c']) mkdirSync(path.join(directory, id));
    await calls(1);
  });

  it('is seen to appear where there was no folder, and to come back', async () => {
    const directory = path.join(temporaryFolder(), 'models');
    const { calls } = await watched(directory, POLLED);
    for (const count of [1, 3]) {
      mkdirSync(path.join(directory, 'a'), { recursive: true });
      await calls(count);
      rmSync(directory, { recursive: true });
      await calls(count + 1);
    }
  });

  it('says nothing any more once it is disposed', async () => {
    const directory = temporaryFolder();
    const { watcher, onChange } = await watched(directory, { settleMs: 10, pollMs: 10 });
    mkdirSync(path.join(directory, 'a'));
    watcher.dispose();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(onChange).not.toHaveBeenCalled();
  });

  it('shows one window what another one did', async () => {
    const directory = temporaryFolder();
    const open = (key: string) => new ModelRegistry({ directory, workspace: { key, name: key } });
    const [one, two] = [open('one'), open('two')];
    const onChange = vi.fn();
    const watcher = await one.watch(onChange);
    onTestFinished(() => watcher.dispose());
    const { version } = await two.add(tinyVersion('a', '1'));
    await vi.waitFor(() => expect(onChange).toHaveBeenCalled(), { timeout: 10_000 });
    onChange.mockClear();
    await two.rename(version, 'b');
    await vi.waitFor(() => expect(onChange).toHaveBeenCalled(), { timeout: 10_000 });
    expect((await one.list()).map(({ name }) => name)).toEqual(['b']);
  });
});
