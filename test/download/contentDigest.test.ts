import { expect, it } from 'vitest';
import { ContentDigest } from '../../src/download/contentDigest.ts';

const hash = (algorithm: 'sha256' | 'git-sha1') => ({ algorithm, hex: '' });
const SHA256_OF_HELLO = '5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03';

// What `git hash-object` and `sha256sum` say.
it.each([
  ['hello\n', 'git-sha1', 'ce013625030ba8dba906f756967f9e9ca394464a', SHA256_OF_HELLO],
  ['hello\n', 'sha256', SHA256_OF_HELLO, SHA256_OF_HELLO],
  [
    '',
    'git-sha1',
    'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391',
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  ],
] as const)('ContentDigest of %j by %s is as git and sha256sum have it', (text, algorithm, hubHash, sha256) => {
  const digest = new ContentDigest({ sizeBytes: text.length, hash: hash(algorithm) });
  for (const letter of text) digest.update(Buffer.from(letter));
  expect(digest.end()).toEqual({ sha256, hubHash });
});
