import { expect, it } from 'vitest';
import { UserError } from '../../src/core/userError.ts';
import { diskFailure } from '../../src/download/diskFailure.ts';

const systemError = (code: string) => Object.assign(new Error(code), { code, syscall: 'write' });

it.each([
  ['ENOSPC', 'the disk is full: free some space, then run the download again, and it goes on where it stopped.'],
  ['EACCES', 'you may not write there: choose another folder'],
  ['EIO', 'the system says EIO: check the disk'],
])('diskFailure says of %s what to do', (code, sentence) => {
  expect(diskFailure(systemError(code), '/models/biobert')).toMatchObject({
    code: 'IO_ERROR',
    message: expect.stringContaining(`The folder biobert could not be written; ${sentence}`),
  });
});

it.each([new UserError('HUB_FAILED', 'The hub failed.'), new TypeError('a defect')])(
  'diskFailure leaves %s as it is',
  (error) => {
    expect(diskFailure(error, 'x')).toBe(error);
  },
);
