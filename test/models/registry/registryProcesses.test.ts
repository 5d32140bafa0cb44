import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import * as esbuild from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/seededRandom.ts';
import { ModelRegistry } from '../../../src/models/registry/modelRegistry.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';
import type { ChildOptions, ChildTask } from './registryChild.ts';
import { tinyVersion } from './tinyVersion.ts';

type Child = ChildProcessByStdio<null, Readable, null>;

let script: string;
beforeAll(async () => {
  script = path.join(mkdtempSync(path.join(tmpdir(), 'caselight-test-')), 'registryChild.cjs');
  await esbuild.build({
    entryPoints: ['test/models/registry/registryChild.ts'],
    outfile: script,
    bundle: true,
    platform: 'node',
    target: 'node20',
  });
});
afterAll(() => rmSync(path.dirname(script), { recursive: true }));

function start(options: ChildOptions): Child {
  return spawn(process.execPath, [script, JSON.stringify(options)], { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Many processes on a machine that is busy. */
const TIMEOUT_MS = 180_000;

/** What a process ended with: its exit status, or the signal that killed it. */
async function end(child: Child): Promise<number | string> {
  const [status, signal] = (await once(child, 'exit')) as [number | null, string | null];
  return signal ?? status ?? -1;
}

function open(directory: string, workspace = 'one'): ModelRegistry {
  return new ModelRegistry({
    directory,
    workspace: { key: workspace, name: workspace },
    onRepair: (sentence) => expect.unreachable(sentence),
  });
}

/** All that a person sees of a registry. */
async function snapshot(directory: string): Promise<unknown> {
  const registry = open(directory);
  const versions = await registry.list();
  expect(versions.filter(({ damage }) => damage !== undefined)).toEqual([]);
  const { version, missing } = await registry.active();
  return {
    versions: versions.map(({ id, name }) => `${id}: ${name}`).sort(),
    active: version === 'built-in' ? version : version.id,
    missing,
    history: (await registry.history()).map(({ model, action }) => [model, action]),
  };
}

/** The registry can be changed at once, every version is intact, and nothing is left over. */
async function expectSound(directory: string): Promise<void> {
  const registry = open(directory, 'checker');
  const startedMs = performance.now();
  const { version } = await registry.add(tinyVersion('check', 'check'));
  expect(performance.now() - startedMs).toBeLessThan(5_000);
  const versions = await registry.list();
  for (const each of versions) expect(await registry.verify(each)).toEqual([]);
  expect(new Set(versions.map(({ name }) => name.toLowerCase())).size).toBe(versions.length);
  expect(versions.map(({ id }) => id)).toContain(version.id);
  const expected = ['.lock', 'registry.json', ...versions.map(({ id }) => id)];
  expect(readdirSync(directory).sort()).toEqual(expected.sort());
  expect(readdirSync(path.join(directory, '.lock'))).toEqual(['free']);
}

describe('a registry that several processes work on', { timeout: TIMEOUT_MS }, () => {
  it('loses nothing of what any of them does', async () => {
    const directory = temporaryFolder();
    const workspaces = ['u', 'v', 'w', 'x', 'y', 'z'];
    const rounds = 6;
    const children = workspaces.map((workspace) => start({ directory, workspace, task: { kind: 'rounds', rounds } }));
    expect(await Promise.all(children.map(end))).toEqual(workspaces.map(() => 0));
    const names = (await open(directory).list()).map(({ name }) => name);
    const expected = workspaces.flatMap((workspace) =>
      Array.from({ length: rounds }, (_, i) => `${workspace} round ${i + 1}`),
    );
    expect(names.sort()).toEqual(expected.sort());
    for (const workspace of workspaces) {
      const registry = open(directory, workspace);
      expect((await registry.active()).version).toMatchObject({ name: `${workspace} round ${rounds}` });
      expect(await registry.history()).toHaveLength(rounds);
    }
    await expectSound(directory);
  });

  it('stays sound whatever they do to each other', async () => {
    const directory = temporaryFolder();
    const children = [1, 2, 3, 4, 5].map((seed) =>
      start({ directory, workspace: `w${seed % 3}`, task: { kind: 'mixed', seed, steps: 40 } }),
    );
    expect(await Promise.all(children.map(end))).toEqual([0, 0, 0, 0, 0]);
    await expectSound(directory);
  });
});

describe('a registry whose process is killed', { timeout: TIMEOUT_MS }, () => {
  let before: string;
  beforeAll(async () => {
    before = mkdtempSync(path.join(tmpdir(), 'caselight-test-'));
    const registry = open(before);
    for (const name of ['a', 'b', 'c']) {
      await registry.activate((await registry.add(tinyVersion(name, name))).version);
    }
  });
  afterAll(() => rmSync(before, { recursive: true }));

  const tasks: readonly ChildTask[] = [
    { kind: 'add', name: 'new' },
    { kind: 'remove', name: 'a' },
    { kind: 'rename', name: 'a', to: 'renamed' },
    { kind: 'activate', name: 'a' },
    { kind: 'rollBack' },
  ];
  it.each(tasks)('before any change of $kind to the file system has the old state or the new one', async (task) => {
    const directory = path.join(temporaryFolder(), 'models');
    const run = async (killBefore: number) => {
      rmSync(directory, { recursive: true, force: true });
      cpSync(before, directory, { recursive: true });
      return end(start({ directory, workspace: 'one', task, killBefore }));
    };
    expect(await run(Number.MAX_SAFE_INTEGER)).toBe(0);
    const [oldState, newState] = [await snapshot(before), await snapshot(directory)];
    expect(newState).not.toEqual(oldState);
    const seen: string[] = [];
    for (let killBefore = 0; (await run(killBefore)) === 'SIGKILL'; killBefore++) {
      const state = await snapshot(directory);
      expect([oldState, newState]).toContainEqual(state);
      seen.push(JSON.stringify(state));
      await expectSound(directory);
    }
    // It was killed before and after the step that counts, and went from the old state to the new one in that step.
    expect(seen.length).toBeGreaterThan(5);
    expect([...new Set(seen)]).toEqual([JSON.stringify(oldState), JSON.stringify(newState)]);
    expect(seen.lastIndexOf(JSON.stringify(oldState))).toBeLessThan(seen.indexOf(JSON.stringify(newState)));
  });

  it('again and again, at any moment, is sound and is never waited for', async () => {
    const directory = temporaryFolder();
    const { uniform } = seededRandom(4);
    const begin = (seed: number) => {
      const child = start({ directory, workspace: `w${seed % 2}`, task: { kind: 'mixed', seed, steps: 1_000_000 } });
      return { child, ended: end(child), ready: once(child.stdout, 'data') };
    };
    let [older, newer] = [begin(0), begin(1)];
    for (let kill = 0; kill < 50; kill++) {
      await older.ready;
      await pause(40 * uniform());
      older.child.kill('SIGKILL');
      expect(await older.ended).toBe('SIGKILL');
      if (kill % 5 === 0) await open(directory).list();
      [older, newer] = [newer, begin(kill + 2)];
    }
    for (const { child } of [older, newer]) child.kill('SIGKILL');
    expect(await Promise.all([older.ended, newer.ended])).toEqual(['SIGKILL', 'SIGKILL']);
    await expectSound(directory);
  });
});
