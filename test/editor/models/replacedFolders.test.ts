import { describe, expect, it } from 'vitest';
import { modelKey, type ReplacedFolder, withReplaced } from '../../../src/editor/models/replacedFolders.ts';

const folder = (name: string) => ({ folder: `/models/${name}`, under: 'built-in' });

describe('what a choice took the place of', () => {
  it('is named by the model that was chosen', () => {
    expect([
      modelKey('built-in', '/x'),
      modelKey({ scope: 'global', id: 'a' }, '/x'),
      modelKey(undefined, '/models/mine'),
    ]).toEqual(['built-in', 'global/a', 'folder /models/mine']);
  });

  it('is remembered for each model', () => {
    const folders = withReplaced(withReplaced([], 'global/a', folder('one')), 'folder /models/two', folder('three'));
    expect(folders.map(({ by, folder }) => [by, folder])).toEqual([
      ['global/a', '/models/one'],
      ['folder /models/two', '/models/three'],
    ]);
  });

  it('is what it was the last time: another folder, or none', () => {
    const first = withReplaced([], 'global/a', folder('one'));
    expect(withReplaced(first, 'global/a', folder('two'))).toEqual([{ ...folder('two'), by: 'global/a' }]);
    expect(withReplaced(first, 'global/a', undefined)).toEqual([]);
  });

  it('does not grow without end', () => {
    let folders: readonly ReplacedFolder[] = [];
    for (let i = 0; i < 150; i++) folders = withReplaced(folders, `global/${i}`, folder('one'));
    expect(folders).toHaveLength(100);
    expect(folders.at(-1)?.by).toBe('global/149');
  });
});
