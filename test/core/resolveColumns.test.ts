import { describe, expect, it } from 'vitest';
import { type PickedColumns, pickedColumn, resolveColumns } from '../../src/core/resolveColumns.ts';

const header = ['ID', 'Narrative', 'Comment', 'Seriousness', 'Outcome'];
const picked = (text: number, label: number | undefined): PickedColumns => ({
  text: pickedColumn(header, text),
  label: pickedColumn(header, label),
  id: null,
});

describe('resolveColumns', () => {
  it('goes by the header where nothing else says', () => {
    expect(resolveColumns(header, { picked: undefined, settings: {} })).toMatchObject({ text: 1, label: 3, id: 0 });
  });

  it('takes the names of the settings, and the header where the file does not have them', () => {
    const settings = { label: 'Outcome' };
    expect(resolveColumns(header, { picked: undefined, settings })).toMatchObject({ text: 1, label: 4 });
    expect(resolveColumns(['text', 'label'], { picked: undefined, settings })).toMatchObject({
      text: 0,
      label: 1,
      problems: [{ role: 'label', name: 'Outcome' }],
    });
  });

  it('takes what was picked before the settings, by name where columns were moved', () => {
    const decisions = { picked: picked(2, 4), settings: { text: 'Narrative', label: 'Seriousness' } };
    expect(resolveColumns(header, decisions)).toMatchObject({ text: 2, label: 4, id: undefined });
    expect(resolveColumns(['New', ...header], decisions)).toMatchObject({ text: 3, label: 5 });
  });

  it('finds no label where a person said that there is none', () => {
    expect(resolveColumns(header, { picked: picked(1, undefined), settings: {} }).label).toBeUndefined();
  });
});
