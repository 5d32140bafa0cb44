import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { findColumns } from '../../../src/core/columns.ts';
import { type RecordFacts, recordFacts } from '../../../src/editor/recordFacts.ts';
import { readClosedFile } from '../../../src/editor/training/closedFile.ts';
import { LabelledRecords } from '../../../src/editor/training/labelledRecords.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

function fileOf(content: string): string {
  const file = path.join(temporaryFolder(), 'cases.csv');
  writeFileSync(file, content);
  return file;
}

const isOneOf =
  (...marked: RecordFacts[]) =>
  (facts: RecordFacts) =>
    marked.some((each) => JSON.stringify(each) === JSON.stringify(facts));

async function read(
  content: string,
  isChecked?: (facts: RecordFacts) => boolean,
  columnsOf: (header: readonly string[]) => ReturnType<typeof findColumns> = (header) => findColumns(header),
): Promise<LabelledRecords> {
  const found = new LabelledRecords();
  await readClosedFile(fileOf(content), found, { columnsOf, isChecked });
  return found;
}

describe('a file that is read from the disk', () => {
  it('gives the labelled records, and which of them were checked', async () => {
    const { records, checked } = await read(
      'ID,Seriousness,Narrative\n1,Serious,seizure\n2,,rash\n3,D/LT,died\n4,Serious, \n5,Serious,seizure\n',
      isOneOf(recordFacts('5', 'Serious', 'seizure'), recordFacts('3', 'Serious', 'died')),
    );
    expect(records.map(({ text, label }) => `${label} ${text}`)).toEqual([
      'Serious seizure',
      'D/LT died',
      'Serious seizure',
    ]);
    expect(checked).toEqual([records[2]]);
  });

  it('gives none as checked where the file has no marks', async () => {
    expect((await read('ID,Seriousness,Narrative\n1,Serious,seizure\n')).checked).toEqual([]);
  });

  it.each([
    ['\n', 'two\nlines'],
    ['\r\n', 'two\r\nlines'],
  ])('finds a mark made in an editor whose lines end with %j, whatever the disk has', async (_, opened) => {
    for (const end of ['\n', '\r\n', '\r']) {
      const { checked } = await read(
        `ID,Seriousness,Narrative\n1,Serious,"two${end}lines"\n`,
        isOneOf(recordFacts('1', 'Serious', opened)),
      );
      expect(checked, JSON.stringify(end)).toEqual([{ text: `two${end}lines`, label: 'Serious' }]);
    }
  });

  it('is read by the columns that are given, and refused without them', async () => {
    const content = 'nr,verdict,what\n1,Serious,seizure\n';
    const chosen = (header: readonly string[]) => findColumns(header, { id: 'nr', label: 'verdict', text: 'what' });
    const { checked } = await read(content, isOneOf(recordFacts('1', 'Serious', 'seizure')), chosen);
    expect(checked).toHaveLength(1);
    await expect(read(content)).rejects.toMatchObject({ code: 'NO_TEXT_COLUMN' });
    await expect(read('nr,Narrative\n1,x\n')).rejects.toMatchObject({ code: 'NO_LABEL_COLUMN' });
  });
});
