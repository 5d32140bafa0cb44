import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ModelRegistry } from '../../../src/models/registry/modelRegistry.ts';
import { newProcessToken } from '../../../src/models/registry/processToken.ts';
import { RegistryFolder } from '../../../src/models/registry/registryFolder.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';
import { tinyVersion } from './tinyVersion.ts';

/** A registry as a workspace sees it; `base` holds the shared folder and those of the workspaces. */
function openRegistry(base: string, workspace = 'one', onRepair: (sentence: string) => void = () => {}): ModelRegistry {
  let seconds = 0;
  return new ModelRegistry({
    directory: path.join(base, 'models'),
    workspace: { key: `file:///${workspace}`, name: workspace, directory: path.join(base, workspace) },
    now: () => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds++)),
    lockTiming: { staleAfterMs: 500, waitAtMostMs: 2_000 },
    onRepair,
  });
}

const names = async (registry: ModelRegistry) => (await registry.list()).map(({ name }) => name);
const nameOf = (model: { readonly name: string } | 'built-in' | undefined) =>
  typeof model === 'object' ? model.name : model;
const activeName = async (registry: ModelRegistry) => nameOf((await registry.active()).version);
const leftovers = (folder: string) => readdirSync(folder).filter((name) => name.startsWith('.temporary-'));

describe('a registry of models', () => {
  it('is empty where there is no folder, and makes none by looking', async () => {
    const base = temporaryFolder();
    const registry = openRegistry(base);
    expect(await registry.list()).toEqual([]);
    expect(await registry.active()).toEqual({ version: 'built-in' });
    expect(await registry.history()).toEqual([]);
    expect(readdirSync(base)).toEqual([]);
  });

  it('adds a version as a folder of its own, read-only and intact', async () => {
    const base = temporaryFolder();
    const registry = openRegistry(base);
    const metrics = { accuracy: 0.9 };
    const fill = tinyVersion('Seriousness', 'w', { created: '2026-01-02T03:04:05Z', metrics });
    const { version, isNew } = await registry.add(fill);
    expect(isNew).toBe(true);
    expect(version).toMatchObject({
      scope: 'global',
      id: expect.stringMatching(/^seriousness-[0-9a-f]{8}$/),
      name: 'Seriousness',
      directory: path.join(base, 'models', version.id),
      created: '2026-01-02T03:04:05.000Z',
      manifest: { metrics },
    });
    const files = readdirSync(version.directory);
    const facts = files.map((file) => statSync(path.join(version.directory, file)));
    expect(version.sizeBytes).toBe(facts.reduce((sum, { size }) => sum + size, 0));
    if (process.platform !== 'win32') expect(new Set(facts.map(({ mode }) => mode & 0o777))).toEqual(new Set([0o444]));
    expect(await registry.list()).toEqual([version]);
    expect(await openRegistry(base, 'two').list()).toEqual([version]);
    expect(await registry.verify(version)).toEqual([]);
    expect(readdirSync(path.join(base, 'models')).sort()).toEqual(['.lock', 'registry.json', version.id].sort());
  });

  it('lists shared versions first, each kind newest first', async () => {
    const registry = openRegistry(temporaryFolder());
    await registry.add(tinyVersion('old', '1', { created: '2026-01-01T00:00:00Z' }));
    await registry.add(tinyVersion('own', '2', { created: '2026-03-01T00:00:00Z' }), { scope: 'workspace' });
    await registry.add(tinyVersion('new', '3', { created: '2026-02-01T00:00:00Z' }));
    expect((await registry.list()).map(({ name, scope }) => [name, scope])).toEqual([
      ['new', 'global'],
      ['old', 'global'],
      ['own', 'workspace'],
    ]);
  });

  it('finds a version of the same content again, whatever it is called', async () => {
    const registry = openRegistry(temporaryFolder());
    const { version } = await registry.add(tinyVersion('a', 'same'));
    expect(await registry.add(tinyVersion('b', 'same'), { name: 'c' })).toEqual({ version, isNew: false });
    expect(await names(registry)).toEqual(['a']);
  });

  it('adds a version again whose files were changed', async () => {
    const registry = openRegistry(temporaryFolder());
    const { version } = await registry.add(tinyVersion('a', 'same'));
    const weights = path.join(version.directory, 'model.safetensors');
    chmodSync(weights, 0o644);
    writeFileSync(weights, 'other');
    expect(await registry.verify(version)).toEqual([{ file: 'model.safetensors', kind: 'changed' }]);
    const again = await registry.add(tinyVersion('a', 'same'));
    expect(again).toMatchObject({ isNew: true, version: { name: 'a (2)' } });
    expect(await registry.verify(again.version)).toEqual([]);
  });

  it('gives a version the name that was asked for, with a number if there is one like it', async () => {
    const registry = openRegistry(temporaryFolder());
    await registry.add(tinyVersion('a', '1'), { name: 'Mine' });
    await registry.add(tinyVersion('mine', '2'));
    expect((await names(registry)).sort()).toEqual(['Mine', 'mine (2)']);
  });

  it.each<[string, (registry: ModelRegistry) => Promise<unknown>, object]>([
    ['a bad name', (registry) => registry.add(tinyVersion('a', '1'), { name: ' ' }), { code: 'BAD_NAME' }],
    [
      'a model that fails to be made',
      (registry) => registry.add(() => Promise.reject(new Error('no'))),
      { message: 'no' },
    ],
    [
      'a file other than the manifest says',
      (registry) =>
        registry.add(async (directory) => {
          await tinyVersion('a', '1')(directory);
          writeFileSync(path.join(directory, 'model.safetensors'), '2');
        }),
      { code: 'MODEL_DAMAGED' },
    ],
    [
      'a link in place of a file',
      (registry) =>
        registry.add(async (directory) => {
          await tinyVersion('a', '1')(directory);
          const weights = path.join(directory, 'model.safetensors');
          cpSync(weights, path.join(directory, '..', 'elsewhere'));
          rmSync(weights);
          symlinkSync('../elsewhere', weights);
        }),
      { message: 'model.safetensors of a version is not a regular file' },
    ],
    ['a model without a manifest', (registry) => registry.add(async () => {}), { message: /without caselight\.json/ }],
    [
      'a cancelled one',
      (registry) => {
        const controller = new AbortController();
        const fill = async (directory: string) => {
          await tinyVersion('a', '1')(directory);
          controller.abort();
        };
        return registry.add(fill, { signal: controller.signal });
      },
      { code: 'CANCELLED' },
    ],
  ])('leaves nothing of %s', async (_, add, error) => {
    const base = temporaryFolder();
    const registry = openRegistry(base);
    await registry.add(tinyVersion('before', '0'));
    await expect(add(registry)).rejects.toMatchObject(error);
    expect(await names(registry)).toEqual(['before']);
    expect(leftovers(path.join(base, 'models'))).toEqual([]);
  });

  it('renames, but not to the name of another', async () => {
    const base = temporaryFolder();
    const registry = openRegistry(base);
    const { version } = await registry.add(tinyVersion('a', '1'));
    await registry.add(tinyVersion('b', '2'));
    expect(await registry.rename(version, ' A ')).toEqual({ ...version, name: 'A' });
    expect((await names(openRegistry(base))).sort()).toEqual(['A', 'b']);
    await expect(registry.rename(version, 'B')).rejects.toMatchObject({
      code: 'BAD_NAME',
      message: 'There is another model called "B": type another name.',
    });
    await expect(registry.rename(version, '')).rejects.toMatchObject({ code: 'BAD_NAME' });
    await expect(registry.rename({ scope: 'global', id: '../a' }, 'x')).rejects.toMatchObject({
      code: 'MODEL_NOT_FOUND',
    });
  });

  it('deletes a version that nobody uses', async () => {
    const base = temporaryFolder();
    const registry = openRegistry(base);
    const { version } = await registry.add(tinyVersion('a', '1'));
    const { version: own } = await registry.add(tinyVersion('a', '1'), { scope: 'workspace' });
    await registry.remove(version);
    expect(await registry.list()).toEqual([own]);
    await registry.remove(own);
    expect(await registry.list()).toEqual([]);
    expect(leftovers(path.join(base, 'models'))).toEqual([]);
    await expect(registry.remove(version)).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
    expect((await registry.add(tinyVersion('other name', '1'))).version.name).toBe('other name');
  });

  it('never deletes the version that the workspace uses', async () => {
    const registry = openRegistry(temporaryFolder());
    for (const scope of ['global', 'workspace'] as const) {
      const { version } = await registry.add(tinyVersion('a', '1'), { scope });
      await registry.activate(version);
      for (const force of [false, true]) {
        await expect(registry.remove(version, { force })).rejects.toMatchObject({
          code: 'MODEL_IN_USE',
          message:
            'This workspace predicts with the model "a", so it was not deleted: choose another model, then delete it.',
        });
      }
      expect((await registry.active()).version).toEqual(version);
    }
  });

  it('deletes a version that other workspaces use only when it is forced, and they learn of it', async () => {
    const base = temporaryFolder();
    const [one, two, three] = ['one', 'two', 'three'].map((workspace) => openRegistry(base, workspace)) as [
      ModelRegistry,
      ModelRegistry,
      ModelRegistry,
    ];
    const { version } = await one.add(tinyVersion('a', '1'));
    await two.activate(version);
    await three.activate(version);
    await expect(one.remove(version)).rejects.toMatchObject({
      code: 'MODEL_IN_USE',
      message:
        '"two", "three" still predict with the model "a", so it was not deleted: choose another model there first.',
    });
    await one.remove(version, { force: true });
    expect(await two.active()).toMatchObject({
      version: 'built-in',
      missing: { scope: 'global', id: version.id },
      earlier: 'built-in',
    });
  });

  it('lets each workspace choose for itself, from its own versions too', async () => {
    const base = temporaryFolder();
    const [one, two] = [openRegistry(base), openRegistry(base, 'two')];
    const { version: shared } = await one.add(tinyVersion('shared', '1'));
    const { version: own } = await one.add(tinyVersion('own', '2'), { scope: 'workspace' });
    await one.activate(own);
    await two.activate(shared);
    expect(await one.active()).toEqual({ version: own, since: '2026-01-01T00:00:00.000Z', earlier: 'built-in' });
    expect(await activeName(two)).toBe('shared');
    await expect(two.activate(own)).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
    expect(existsSync(path.join(base, 'two'))).toBe(false);
    // The one that is used by its own workspace alone is that workspace's to delete.
    await one.activate('built-in');
    await one.remove(own);
    expect(await names(one)).toEqual(['shared']);
  });

  it('rolls back from version to version, past those that were deleted', async () => {
    const registry = openRegistry(temporaryFolder());
    for (const name of ['a', 'b', 'c']) {
      await registry.activate((await registry.add(tinyVersion(name, name))).version);
    }
    const versions = await registry.list();
    await registry.remove(versions.find(({ name }) => name === 'b') ?? never());
    expect(nameOf((await registry.active()).earlier)).toBe('a');
    expect(nameOf(await registry.rollBack())).toBe('a');
    expect(nameOf(await registry.rollBack())).toBe('built-in');
    await expect(registry.rollBack()).rejects.toMatchObject({ code: 'NO_EARLIER_MODEL' });
    expect(await activeName(registry)).toBe('built-in');
    const history = await registry.history();
    expect(history.map(({ version, action }) => [nameOf(version), action])).toEqual([
      ['built-in', 'rolled back'],
      ['a', 'rolled back'],
      ['c', 'chosen'],
      [undefined, 'chosen'],
      ['a', 'chosen'],
    ]);
  });

  it('has no versions of a workspace that has no folder', async () => {
    const registry = new ModelRegistry({ directory: temporaryFolder(), workspace: { key: 'w', name: 'w' } });
    await expect(registry.add(tinyVersion('a', '1'), { scope: 'workspace' })).rejects.toMatchObject({
      code: 'BAD_ARGUMENT',
    });
    await expect(registry.remove({ scope: 'workspace', id: 'a' })).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
  });

  it('says so when the system refuses', async () => {
    const file = path.join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    const registry = new ModelRegistry({ directory: path.join(file, 'models'), workspace: { key: 'w', name: 'w' } });
    await expect(registry.add(tinyVersion('a', '1'))).rejects.toMatchObject({
      code: 'IO_ERROR',
      message:
        'The models cannot be read or kept (ENOTDIR): check that the disk has room and that you may write there.',
    });
  });
});

describe('the folder of a registry', () => {
  it('shows folders that were put there, under names that stay unique', async () => {
    const base = temporaryFolder();
    const registry = openRegistry(base);
    const { version } = await registry.add(tinyVersion('a', '1', { created: '2026-02-01T00:00:00Z' }));
    const copy = async (folder: string, created: string) => {
      mkdirSync(path.join(base, 'models', folder));
      await tinyVersion('a', folder, { created })(path.join(base, 'models', folder));
    };
    await copy('from-a-colleague', '2026-01-01T00:00:00Z');
    await copy('from-another', '2026-01-02T00:00:00Z');
    const expected = ['a', 'a (3)', 'a (2)'];
    expect(await names(registry)).toEqual(expected);
    await registry.rename(version, 'z');
    expect(await names(registry)).toEqual(['z', 'a (3)', 'a (2)']);
    await registry.activate({ scope: 'global', id: 'from-another' });
    expect(await activeName(registry)).toBe('a (3)');
  });

  it('passes over what is no version', async () => {
    const base = temporaryFolder();
    const registry = openRegistry(base);
    const { version } = await registry.add(tinyVersion('a', '1'));
    mkdirSync(path.join(base, 'models', 'my-folder'));
    writeFileSync(path.join(base, 'models', 'notes-01234567'), '');
    symlinkSync(version.directory, path.join(base, 'models', 'link-01234567'), 'dir');
    cpSync(version.directory, path.join(base, 'models', '.hidden-01234567'), { recursive: true });
    expect(await registry.list()).toEqual([version]);
  });

  it.each<[string, (directory: string) => void, RegExp]>([
    ['cut', (file) => writeFileSync(file, '{"schema'), /caselight\.json cannot be right/],
    ['gone', (file) => rmSync(file), /caselight\.json is missing/],
  ])('shows a version whose manifest is %s as damaged: to be deleted, not to be used', async (_, damage, reason) => {
    const base = temporaryFolder();
    const registry = openRegistry(base);
    const { version } = await registry.add(tinyVersion('a', '1'));
    await registry.activate(version);
    await registry.activate('built-in');
    const manifest = path.join(version.directory, 'caselight.json');
    chmodSync(manifest, 0o644);
    damage(manifest);
    const [damaged] = await registry.list();
    expect(damaged).toMatchObject({ id: version.id, name: 'a', manifest: undefined, damage: reason });
    expect(await registry.verify(version)).toEqual([{ file: 'caselight.json', kind: 'changed' }]);
    await expect(registry.activate(version)).rejects.toMatchObject({ code: 'MODEL_DAMAGED', message: reason });
    await expect(registry.rollBack()).rejects.toMatchObject({ code: 'NO_EARLIER_MODEL' });
    const again = await registry.add(tinyVersion('a', '1'));
    expect(again).toMatchObject({ isNew: true, version: { name: 'a (2)' } });
    await registry.remove(version);
    expect(await registry.list()).toEqual([again.version]);
  });

  it('is looked through again when registry.json is damaged, which is kept and said', async () => {
    const base = temporaryFolder();
    const said: string[] = [];
    const registry = openRegistry(base, 'one', (sentence) => said.push(sentence));
    const { version } = await registry.add(tinyVersion('a', '1'));
    await registry.rename(version, 'renamed');
    const file = path.join(base, 'models', 'registry.json');
    for (const number of [1, 2]) {
      writeFileSync(file, `damaged ${number}`);
      expect(await names(registry)).toEqual(['a']);
      expect(readFileSync(`${file}.damaged-${number}`, 'utf8')).toBe(`damaged ${number}`);
      expect(said).toHaveLength(number);
      expect(said.at(-1)).toContain(`registry.json.damaged-${number}`);
      expect(await names(openRegistry(base))).toEqual(['a']);
      expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ versions: { [version.id]: { name: 'a' } } });
    }
    await registry.activate(version);
    expect(said).toHaveLength(2);
  });

  it('of a newer Caselight is left alone', async () => {
    const base = temporaryFolder();
    const registry = openRegistry(base);
    const { version } = await registry.add(tinyVersion('a', '1'));
    const file = path.join(base, 'models', 'registry.json');
    writeFileSync(file, '{"schemaVersion": 9}');
    await expect(registry.list()).rejects.toMatchObject({ code: 'REGISTRY_TOO_NEW' });
    await expect(registry.activate(version)).rejects.toMatchObject({ code: 'REGISTRY_TOO_NEW' });
    expect(readFileSync(file, 'utf8')).toBe('{"schemaVersion": 9}');
  });

  it('is cleared of what killed processes left, and of nothing else', async () => {
    const base = temporaryFolder();
    const registry = openRegistry(base);
    const { version } = await registry.add(tinyVersion('a', '1'));
    const inFolder = (name: string) => path.join(base, 'models', name);
    const alive = `.temporary-${newProcessToken()}`;
    const gone = alive.replace(`-${process.pid}-`, '-1999999999-');
    const foreign = '.temporary-ffffffff-1-00000000';
    const foreignOld = '.temporary-ffffffff-1-00000001';
    for (const name of [gone, alive, foreign, foreignOld]) mkdirSync(inFolder(name));
    writeFileSync(path.join(inFolder(gone), 'model.safetensors'), 'half', { mode: 0o444 });
    const weekAgo = new Date(Date.now() - 8 * 24 * 3600 * 1000);
    utimesSync(inFolder(foreignOld), weekAgo, weekAgo);
    await registry.rename(version, 'b');
    expect(leftovers(path.join(base, 'models')).sort()).toEqual([alive, foreign].sort());
  });

  it('is changed anew when another process took the lock over meanwhile', async () => {
    const base = temporaryFolder();
    const registry = openRegistry(base);
    const { version } = await registry.add(tinyVersion('a', '1'));
    const folder = new RegistryFolder(path.join(base, 'models'), 'global', {
      lockTiming: { staleAfterMs: 10_000, waitAtMostMs: 20_000 },
    });
    let attempts = 0;
    await folder.change(async (transaction) => {
      // The first attempt stands still for as long as the other, which is less patient, takes to change the name.
      if (++attempts === 1) await registry.rename(version, 'b');
      const { names } = transaction.content.state;
      await transaction.save({ names: new Map([...names].map(([id, name]) => [id, `${name}!`])) });
    });
    expect(attempts).toBe(2);
    expect(await names(registry)).toEqual(['b!']);
  });
});

function never(): never {
  throw new Error('it is not there');
}
