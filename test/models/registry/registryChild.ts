import fsPromises from 'node:fs/promises';
import { seededRandom } from '../../../src/core/seededRandom.ts';
import { ModelRegistry } from '../../../src/models/registry/modelRegistry.ts';
import { tinyVersion } from './tinyVersion.ts';

/** What a child process is to do to the registry. */
export type ChildTask =
  | { readonly kind: 'add' | 'remove' | 'activate'; readonly name: string }
  | { readonly kind: 'rename'; readonly name: string; readonly to: string }
  | { readonly kind: 'rollBack' }
  /** Adds a version of its own, renames and chooses it, that many times. */
  | { readonly kind: 'rounds'; readonly rounds: number }
  /** Says `ready`, then takes that many steps that the seed decides, on versions that others work on too. */
  | { readonly kind: 'mixed'; readonly seed: number; readonly steps: number };

export interface ChildOptions {
  readonly directory: string;
  /** Also the name of the versions that it adds. */
  readonly workspace: string;
  readonly task: ChildTask;
  /** Ends itself with SIGKILL before the change to the file system of that number, counted from 0. */
  readonly killBefore?: number;
}

/** The functions by which other processes see a change; `writeFile` also of an open file. */
const CHANGES = ['mkdir', 'rename', 'rm', 'rmdir', 'open', 'writeFile', 'chmod'] as const;

type Methods = Record<string, (...args: unknown[]) => unknown>;

function killBeforeChange(number: number): void {
  let changes = 0;
  const count = (owner: Methods, name: string) => {
    const original = owner[name];
    owner[name] = (...args) => {
      if (changes++ === number) process.kill(process.pid, 'SIGKILL');
      return original?.apply(owner, args);
    };
  };
  const { open } = fsPromises;
  fsPromises.open = async (...args: Parameters<typeof open>) => {
    const handle = await open(...args);
    count(handle as unknown as Methods, 'writeFile');
    return handle;
  };
  for (const name of CHANGES) count(fsPromises as unknown as Methods, name);
}

async function perform({ directory, workspace, task }: ChildOptions): Promise<void> {
  const registry = new ModelRegistry({
    directory,
    workspace: { key: workspace, name: workspace },
    now: () => new Date(0),
    onRepair: () => process.exit(3),
  });
  const versionOf = async (name: string) => {
    const version = (await registry.list()).find((each) => each.name === name);
    if (version === undefined) throw new Error(`there is no version ${name}`);
    return version;
  };
  switch (task.kind) {
    case 'add':
      return void (await registry.add(tinyVersion(task.name, task.name)));
    case 'remove':
      return registry.remove(await versionOf(task.name));
    case 'activate':
      return registry.activate(await versionOf(task.name));
    case 'rename':
      return void (await registry.rename(await versionOf(task.name), task.to));
    case 'rollBack':
      return void (await registry.rollBack());
    case 'rounds':
      for (let round = 1; round <= task.rounds; round++) {
        const { version } = await registry.add(tinyVersion(workspace, `${workspace} ${round}`));
        await registry.rename(version, `${workspace} round ${round}`);
        await registry.activate(version);
      }
      return;
    case 'mixed': {
      const random = seededRandom(task.seed).uniform;
      process.stdout.write('ready\n');
      for (let step = 0; step < task.steps; step++) await takeRandomStep(registry, random);
    }
  }
}

async function takeRandomStep(registry: ModelRegistry, random: () => number): Promise<void> {
  const pick = <T>(from: readonly T[]) => from[Math.floor(random() * from.length)];
  const versions = await registry.list();
  const names = versions.map(({ name }) => name.toLowerCase());
  if (new Set(names).size !== names.length) process.exit(4);
  if (versions.some(({ damage }) => damage !== undefined)) process.exit(5);
  const version = pick(versions);
  const letter = pick(['a', 'b', 'c', 'd', 'e', 'f']) ?? '';
  try {
    const step = random();
    if (step < 0.4 || version === undefined) await registry.add(tinyVersion(letter, letter));
    else if (step < 0.6) await registry.rename(version, letter);
    else if (step < 0.8) await registry.activate(version);
    else if (step < 0.9) await registry.remove(version, { force: random() < 0.5 });
    else await registry.rollBack();
  } catch (error) {
    // Another process was faster, or has the name.
    const code = (error as { code?: string }).code ?? '';
    if (!['BAD_NAME', 'MODEL_IN_USE', 'MODEL_NOT_FOUND', 'NO_EARLIER_MODEL'].includes(code)) throw error;
  }
}

const options: ChildOptions = JSON.parse(process.argv[2] ?? '');
if (options.killBefore !== undefined) killBeforeChange(options.killBefore);
perform(options).catch((error: unknown) => {
  process.stderr.write(`${(error as Error).stack}\n`);
  process.exitCode = 1;
});
