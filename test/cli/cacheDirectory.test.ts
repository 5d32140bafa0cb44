import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cacheDirectory } from '../../src/cli/cacheDirectory.ts';

describe('cacheDirectory', () => {
  it.each([
    ['what CASELIGHT_CACHE says', { CASELIGHT_CACHE: '/c', XDG_CACHE_HOME: '/x' }, 'linux', '/c'],
    ['under XDG_CACHE_HOME', { XDG_CACHE_HOME: '/x' }, 'linux', join('/x', 'caselight')],
    ['in .cache', {}, 'linux', join(homedir(), '.cache', 'caselight')],
    [
      'in .cache where the variables are empty',
      { CASELIGHT_CACHE: '', XDG_CACHE_HOME: '' },
      'linux',
      join(homedir(), '.cache', 'caselight'),
    ],
    ['in Library/Caches of a Mac', {}, 'darwin', join(homedir(), 'Library', 'Caches', 'caselight')],
    ['under LOCALAPPDATA of Windows', { LOCALAPPDATA: '/l' }, 'win32', join('/l', 'caselight', 'cache')],
    ['in the profile of Windows', {}, 'win32', join(homedir(), 'AppData', 'Local', 'caselight', 'cache')],
  ])('is %s', (_, env, platform, expected) => {
    expect(cacheDirectory(env, platform)).toBe(expected);
  });
});
