import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeData } from '../../../src/editor/training/describeData.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

const sha256 = (content: string | Buffer) => createHash('sha256').update(content).digest('hex');

describe('describeData', () => {
  it('hashes the bytes of the file, whatever its encoding and line ends', async () => {
    const file = path.join(temporaryFolder(), 'cases.csv');
    const bytes = Buffer.from('\u00ef\u00bb\u00bfText,Label\r\nna\u00efve,Serious\n\n', 'latin1');
    writeFileSync(file, bytes);
    expect(await describeData(file)).toEqual({ file: 'cases.csv', sha256: sha256(bytes) });
  });

  it('tells of text that no file has', async () => {
    const described = await describeData('/nowhere/cases.csv', 'Text,Label\nnaïve,Serious\n');
    expect(described).toEqual({ file: 'cases.csv', sha256: sha256('Text,Label\nnaïve,Serious\n'), unsaved: true });
  });

  it('says that a file is gone', async () => {
    await expect(describeData('/nowhere/cases.csv')).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  });
});
