import { describe, expect, it } from 'vitest';
import { fileUrl, hubRepo } from '../../src/download/hubRepo.ts';

const hub = 'https://hub';

describe('hubRepo', () => {
  it.each([
    ['dmis-lab/biobert-base-cased-v1.1', 'main'],
    ['bert-base-cased', 'refs/pr/1'],
    ['a/b_c', 'v1.0+x'],
    ['a/b', '924f12e0c3db7f156a765ad53fb6b11e7afedbc8'],
  ])('takes %s at %s', (name, revision) => {
    expect(hubRepo(name, revision, hub)).toEqual({ name, revision, endpoint: hub });
  });

  it.each([
    '',
    '/',
    'a/',
    '/b',
    'a/b/c',
    '../b',
    'a/..',
    'a/b..c',
    '.a/b',
    'a b/c',
    'a/b?x',
    'a/b#x',
    'a%2fb',
    'a\\b',
    'https://hub/a/b',
    'a/b\n',
  ])('refuses the repository %j', (name) => {
    expect(() => hubRepo(name, 'main', hub)).toThrow(expect.objectContaining({ code: 'BAD_ARGUMENT' }));
  });

  it.each(['', '..', 'a/../b', '-x', 'a b', 'a?b', 'a#b', 'a\nb', 'x'.repeat(300)])(
    'refuses the revision %j',
    (revision) => {
      expect(() => hubRepo('a/b', revision, hub)).toThrow(expect.objectContaining({ code: 'BAD_ARGUMENT' }));
    },
  );
});

it('fileUrl escapes what is no path', () => {
  expect(fileUrl({ name: 'a/b', revision: 'main', endpoint: hub }, 'c0', 'on nx/model?#.onnx')).toBe(
    'https://hub/a/b/resolve/c0/on%20nx/model%3F%23.onnx',
  );
});
