import { describe, expect, it } from 'vitest';
import type { Memento, Uri } from 'vscode';
import { CheckedRecords } from '../../src/editor/checkedRecords.ts';
import { recordFacts } from '../../src/editor/recordFacts.ts';

const uri = (name: string) => ({ toString: () => `file:///${name}` }) as Uri;
const [FILE, OTHER] = [uri('cases.csv'), uri('other.csv')];
const facts = recordFacts('17', 'Serious', 'Patient had a seizure');

function memento(): Memento & { readonly stored: Map<string, unknown> } {
  const stored = new Map<string, unknown>();
  return {
    stored,
    keys: () => [...stored.keys()],
    get: <T>(key: string, otherwise?: T) => (stored.get(key) ?? otherwise) as T,
    update: async (key: string, value: unknown) => void stored.set(key, value),
  };
}

describe('checked records', () => {
  it('are remembered for as long as id, narrative and label are the same', async () => {
    const store = memento();
    await new CheckedRecords(store).add(FILE, facts);
    const checked = new CheckedRecords(store);
    expect(checked.has(FILE, recordFacts('17', 'Serious', 'Patient had a seizure'))).toBe(true);
    expect(checked.has(FILE, { ...facts, label: 'D/LT' })).toBe(false);
    expect(checked.has(FILE, { ...facts, id: undefined })).toBe(false);
    expect(checked.has(FILE, recordFacts('17', 'Serious', 'Patient had two seizures'))).toBe(false);
    expect([checked.hasAny(FILE), checked.hasAny(OTHER), checked.has(OTHER, facts)]).toEqual([true, false, false]);
  });

  it('are known at once, and keep what another window stored meanwhile', async () => {
    const store = memento();
    const [first, second] = [new CheckedRecords(store), new CheckedRecords(store)];
    expect([first.hasAny(FILE), second.hasAny(FILE)]).toEqual([false, false]);
    await first.add(FILE, facts);
    expect(first.hasAny(FILE)).toBe(true);
    await second.add(FILE, { ...facts, id: '18' });
    const after = new CheckedRecords(store);
    expect([after.has(FILE, facts), after.has(FILE, { ...facts, id: '18' })]).toEqual([true, true]);
  });

  it('store no text of the file', async () => {
    const store = memento();
    await new CheckedRecords(store).add(FILE, facts);
    expect(JSON.stringify([...store.stored])).not.toMatch(/17|Serious|seizure/);
  });
});
