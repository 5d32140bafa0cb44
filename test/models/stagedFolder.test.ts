import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { newProcessToken } from '../../src/models/registry/processToken.ts';
import { makeNewFolder } from '../../src/models/stagedFolder.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const fillWith = (content: string) => async (folder: string) => writeFileSync(path.join(folder, 'file'), content);

describe('makeNewFolder', () => {
  it.each<[string, (directory: string) => void]>([
    ['where there was nothing', () => {}],
    ['over an empty folder', (directory) => mkdirSync(directory)],
  ])('makes a folder %s, and nothing beside it', async (_, prepare) => {
    const parent = temporaryFolder();
    const directory = path.join(parent, 'new');
    prepare(directory);
    await makeNewFolder(directory, async (folder) => {
      await fillWith('content')(folder);
      expect(existsSync(path.join(directory, 'file'))).toBe(false);
    });
    expect([readdirSync(parent), readdirSync(directory)]).toEqual([['new'], ['file']]);
  });

  it('makes the folders on the way', async () => {
    const directory = path.join(temporaryFolder(), 'a', 'b', 'new');
    await makeNewFolder(directory, fillWith('content'));
    expect(readFileSync(path.join(directory, 'file'), 'utf8')).toBe('content');
  });

  it.skipIf(process.platform === 'win32')('fills an empty folder that a link points to', async () => {
    const parent = temporaryFolder();
    mkdirSync(path.join(parent, 'target'));
    symlinkSync('target', path.join(parent, 'link'));
    await makeNewFolder(path.join(parent, 'link'), fillWith('content'));
    expect(readFileSync(path.join(parent, 'target', 'file'), 'utf8')).toBe('content');
  });

  it.each<[string, (directory: string) => void]>([
    ['a folder with something in it', (directory) => mkdirSync(path.join(directory, 'kept'), { recursive: true })],
    ['a file', (directory) => writeFileSync(directory, 'kept')],
  ])('refuses the name of %s, before any work', async (_, prepare) => {
    const parent = temporaryFolder();
    const directory = path.join(parent, 'taken');
    prepare(directory);
    const neverCalled = () => Promise.reject(new Error('it was called'));
    await expect(makeNewFolder(directory, neverCalled)).rejects.toMatchObject({
      code: 'OUTPUT_EXISTS',
      message: 'There is something under the name taken already: choose another name, or move it away first.',
    });
    expect(readdirSync(parent)).toEqual(['taken']);
  });

  it('lets one of several at once win, and tells the others', async () => {
    const parent = temporaryFolder();
    const directory = path.join(parent, 'new');
    const all = await Promise.allSettled(['a', 'b', 'c'].map((each) => makeNewFolder(directory, fillWith(each))));
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const each of all) {
      if (each.status === 'rejected') expect(each.reason).toMatchObject({ code: 'OUTPUT_EXISTS' });
    }
    expect([readdirSync(parent), readdirSync(directory)]).toEqual([['new'], ['file']]);
  });

  it('leaves the folder of a work of many hours to it, and clears away what killed ones left', async () => {
    const parent = temporaryFolder();
    const daysAgo = (days: number) => new Date(Date.now() - days * 24 * 3600 * 1000);
    const age = (name: string, days: number) => utimesSync(path.join(parent, name), daysAgo(days), daysAgo(days));
    const gone = `.caselight-making-${newProcessToken()}`.replace(`-${process.pid}-`, '-1999999999-');
    const [foreign, foreignOld] = ['.caselight-making-ffffffff-1-00000000', '.caselight-making-ffffffff-1-00000001'];
    for (const name of [gone, foreign, foreignOld]) mkdirSync(path.join(parent, name));
    age(foreignOld, 8);
    // A training writes at its end only.
    await makeNewFolder(path.join(parent, 'trained'), async (folder) => {
      age(path.basename(path.dirname(folder)), 2);
      await makeNewFolder(path.join(parent, 'imported'), fillWith('other'));
      await fillWith('content')(folder);
    });
    expect(readdirSync(parent).sort()).toEqual([foreign, 'imported', 'trained']);
    expect(readFileSync(path.join(parent, 'trained', 'file'), 'utf8')).toBe('content');
  });

  it.each([
    ['ENOSPC', 'the disk is full: free some space, then try again.'],
    ['EDQUOT', 'your share of the disk is full'],
    ['EACCES', 'you may not write there: choose another place.'],
    ['EROFS', 'the disk is read-only'],
    ['EIO', 'the system says EIO: check the disk'],
  ])('says what to do about %s', async (code, message) => {
    const parent = temporaryFolder();
    const failure = Object.assign(new Error(code), { code, syscall: 'write' });
    await expect(makeNewFolder(path.join(parent, 'new'), () => Promise.reject(failure))).rejects.toMatchObject({
      name: 'UserError',
      code: 'IO_ERROR',
      message: expect.stringContaining(message),
      cause: failure,
    });
    expect(readdirSync(parent)).toEqual([]);
  });
});
