import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ModelRegistry } from '../../../src/models/registry/modelRegistry.ts';
import { tinyVersion } from './tinyVersion.ts';

const WORKSPACES = ['one', 'two'] as const;
type Workspace = (typeof WORKSPACES)[number];

/** What a registry should be, in memory. The ids are those that the registry gave. */
class SimpleRegistry {
  /** Id to name. */
  readonly names = new Map<string, string>();
  /** Content to the id that it was last added under. */
  readonly ids = new Map<string, string>();
  /** What each workspace predicted with, the present model last. */
  readonly used: Readonly<Record<Workspace, string[]>> = { one: ['built-in'], two: ['built-in'] };

  has(model: string): boolean {
    return model === 'built-in' || this.names.has(model);
  }

  hasName(name: string, apartFrom?: string): boolean {
    return [...this.names].some(([id, each]) => id !== apartFrom && each.toLowerCase() === name.toLowerCase());
  }

  freeName(wanted: string): string {
    for (let number = 1; ; number++) {
      const name = number === 1 ? wanted : `${wanted} (${number})`;
      if (!this.hasName(name)) return name;
    }
  }

  isUsedBy(id: string): Workspace[] {
    return WORKSPACES.filter((workspace) => this.used[workspace].at(-1) === id);
  }
}

/** Does one thing to both registries and expects the same outcome. */
type Step = (simple: SimpleRegistry, registries: Readonly<Record<Workspace, ModelRegistry>>) => Promise<void>;

async function expectCode(outcome: Promise<unknown>, code: string | undefined): Promise<boolean> {
  if (code !== undefined) await expect(outcome).rejects.toMatchObject({ code });
  else await outcome;
  return code === undefined;
}

const reference = (simple: SimpleRegistry, content: string) =>
  ({ scope: 'global', id: simple.ids.get(content) ?? 'never-added-01234567' }) as const;

const add = (by: Workspace, content: string, name: string): Step => {
  return async (simple, registries) => {
    const known = simple.ids.get(content);
    const { version, isNew } = await registries[by].add(tinyVersion('z', content), { name });
    expect(isNew).toBe(known === undefined || !simple.names.has(known));
    if (isNew) simple.names.set(version.id, simple.freeName(name));
    else expect(version.id).toBe(known);
    simple.ids.set(content, version.id);
  };
};

const rename = (by: Workspace, content: string, name: string): Step => {
  return async (simple, registries) => {
    const of = reference(simple, content);
    const code = !simple.has(of.id) ? 'MODEL_NOT_FOUND' : simple.hasName(name, of.id) ? 'BAD_NAME' : undefined;
    if (await expectCode(registries[by].rename(of, name), code)) simple.names.set(of.id, name);
  };
};

const remove = (by: Workspace, content: string, force: boolean): Step => {
  return async (simple, registries) => {
    const of = reference(simple, content);
    const users = simple.isUsedBy(of.id);
    const isRefused = users.includes(by) || (users.length > 0 && !force);
    const code = !simple.has(of.id) ? 'MODEL_NOT_FOUND' : isRefused ? 'MODEL_IN_USE' : undefined;
    if (await expectCode(registries[by].remove(of, { force }), code)) simple.names.delete(of.id);
  };
};

const activate = (by: Workspace, content: string | undefined): Step => {
  return async (simple, registries) => {
    const of = content === undefined ? 'built-in' : reference(simple, content);
    const id = of === 'built-in' ? of : of.id;
    const chosen = await expectCode(registries[by].activate(of), simple.has(id) ? undefined : 'MODEL_NOT_FOUND');
    if (chosen && simple.used[by].at(-1) !== id) simple.used[by].push(id);
  };
};

const rollBack = (by: Workspace): Step => {
  return async (simple, registries) => {
    const used = simple.used[by];
    const present = used.at(-1);
    const to = used.findLastIndex((model) => model !== present && simple.has(model));
    if (await expectCode(registries[by].rollBack(), to < 0 ? 'NO_EARLIER_MODEL' : undefined)) used.length = to + 1;
  };
};

/** Has the step called so in a counterexample. */
const named = (name: string, step: Step): Step => Object.assign(step, { [fc.toStringMethod]: () => name });

const by = fc.constantFrom(...WORKSPACES);
const content = fc.constantFrom('a', 'b', 'c');
const name = fc.constantFrom('x', 'X', 'y', 'y (2)');
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.tuple(by, content, name).map((to) => named(`add ${to}`, add(...to))) },
  { weight: 2, arbitrary: fc.tuple(by, content, name).map((to) => named(`rename ${to}`, rename(...to))) },
  { weight: 2, arbitrary: fc.tuple(by, content, fc.boolean()).map((to) => named(`remove ${to}`, remove(...to))) },
  { weight: 4, arbitrary: fc.tuple(by, content).map((to) => named(`activate ${to}`, activate(...to))) },
  { weight: 1, arbitrary: by.map((to) => named(`activate ${to},built-in`, activate(to, undefined))) },
  { weight: 3, arbitrary: by.map((to) => named(`roll back ${to}`, rollBack(to))) },
);

describe('a registry of models', { timeout: 120_000 }, () => {
  it('is after any steps what a simple one in memory would be', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30, size: 'max' }), async (steps) => {
        const directory = mkdtempSync(path.join(tmpdir(), 'caselight-test-'));
        try {
          await takeSteps(directory, steps);
        } finally {
          rmSync(directory, { recursive: true });
        }
      }),
      { numRuns: 30 },
    );
  });
});

async function takeSteps(directory: string, steps: readonly Step[]): Promise<void> {
  const open = (key: Workspace) => new ModelRegistry({ directory, workspace: { key, name: key } });
  const registries = { one: open('one'), two: open('two') };
  const simple = new SimpleRegistry();
  for (const each of ['a', 'b', 'c']) await add('one', each, each)(simple, registries);
  for (const take of steps) {
    await take(simple, registries);
    const versions = await registries.one.list();
    expect(new Map(versions.map((version) => [version.id, version.name]))).toEqual(simple.names);
    for (const workspace of WORKSPACES) {
      const { version, missing } = await registries[workspace].active();
      expect(missing?.id ?? (version === 'built-in' ? version : version.id)).toBe(simple.used[workspace].at(-1));
    }
  }
}
