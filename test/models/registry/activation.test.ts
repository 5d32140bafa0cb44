import { describe, expect, it } from 'vitest';
import {
  chooseModel,
  currentModel,
  type ModelChoice,
  rollBackModel,
  type WorkspaceModels,
} from '../../../src/models/registry/activation.ts';

const model = (id: string): ModelChoice => (id === 'built-in' ? id : { scope: 'global', id });
const chosen = (...ids: string[]) =>
  ids.reduce<WorkspaceModels | undefined>((models, id, i) => chooseModel(models, model(id), `t${i}`, 'W'), undefined);
const idOf = (choice: ModelChoice) => (choice === 'built-in' ? choice : choice.id);
const current = (models: WorkspaceModels | undefined) => idOf(currentModel(models));

/** Rolls back until there is nothing left; what was current after each time. */
function walkBack(start: WorkspaceModels | undefined, gone: readonly string[] = []): string[] {
  const walked: string[] = [];
  const isThere = (choice: ModelChoice) => !gone.includes(idOf(choice));
  for (let models = rollBackModel(start, isThere, 't'); models; models = rollBackModel(models, isThere, 't')) {
    walked.push(current(models));
  }
  return walked;
}

describe('the model that a workspace predicts with', () => {
  it('is the built-in one until another is chosen', () => {
    expect(current(undefined)).toBe('built-in');
    expect(current(chosen('a', 'b'))).toBe('b');
    expect(current(chosen('a', 'built-in'))).toBe('built-in');
  });

  it.each<[string, string[], string[], string[]]>([
    ['one by one to the built-in model', ['a', 'b', 'c'], [], ['b', 'a', 'built-in']],
    ['through a model each time it was used', ['a', 'b', 'a'], [], ['b', 'a', 'built-in']],
    ['past models that are gone', ['a', 'b', 'c'], ['b'], ['a', 'built-in']],
    ['never to the model that is in use', ['a', 'b', 'a'], ['b'], ['built-in']],
    ['from a model that is gone', ['a', 'b'], ['b'], ['a', 'built-in']],
    ['not at all if nothing was chosen', [], [], []],
    ['not at all if the same model was chosen again', ['built-in', 'built-in'], [], []],
  ])('rolls back %s', (_, ids, gone, walked) => {
    expect(walkBack(chosen(...ids), gone)).toEqual(walked);
  });

  it('can be chosen anew on the way back', () => {
    const back = rollBackModel(chosen('a', 'b', 'c'), () => true, 't');
    expect(walkBack(chooseModel(back, model('d'), 't', 'W'))).toEqual(['b', 'a', 'built-in']);
  });

  it('has a history that rolling back adds to', () => {
    const back = rollBackModel(chosen('a', 'b'), () => true, 't9');
    expect(back?.history).toEqual([
      { model: model('a'), since: 't0', action: 'chosen' },
      { model: model('b'), since: 't1', action: 'chosen' },
      { model: model('a'), since: 't9', action: 'rolled back' },
    ]);
  });

  it('forgets what lies a hundred changes back', () => {
    const models = chosen(...Array.from({ length: 150 }, (_, i) => `m${i}`));
    expect(models?.history).toHaveLength(100);
    expect(current(models)).toBe('m149');
    expect(walkBack(models)).toHaveLength(100);
  });

  it('tells versions of the workspace from shared ones', () => {
    const models = chooseModel(chosen('a'), { scope: 'workspace', id: 'a' }, 't', 'W');
    expect(currentModel(models)).toEqual({ scope: 'workspace', id: 'a' });
    expect(walkBack(models, [])).toEqual(['a', 'built-in']);
  });
});
