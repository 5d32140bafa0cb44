import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ChosenColumns, findColumns } from '../../src/core/columns.ts';
import { scanCsv } from '../../src/core/csv/csvScanner.ts';

/** The names of the columns that were found. */
function namesFound(header: readonly string[], chosen?: ChosenColumns) {
  const { text, label, id } = findColumns(header, chosen);
  const nameOf = (column: number | undefined) => (column === undefined ? undefined : header[column]);
  return [nameOf(text), nameOf(label), nameOf(id)];
}

describe('findColumns', () => {
  it.each<[string, string[], (string | undefined)[]]>([
    ['the usual names', ['ID', 'Seriousness', 'Narrative'], ['Narrative', 'Seriousness', 'ID']],
    [
      'names in any case and with any signs',
      ['Case Number', 'EVENT-TYPE', 'case_narrative'],
      ['case_narrative', 'EVENT-TYPE', 'Case Number'],
    ],
    ['names in camel case', ['reportId', 'targetLabel', 'narrativeText'], ['narrativeText', 'targetLabel', 'reportId']],
    ['the more telling of two names', ['comments', 'narrative', 'class', 'label'], ['narrative', 'label', undefined]],
    ['the first of equal names', ['text', 'Text', 'id', 'id'], ['text', undefined, 'id']],
    [
      'a whole name before one that begins with a better one',
      ['narrative source', 'notes'],
      ['notes', undefined, undefined],
    ],
    [
      'the first words of a name',
      ['VAERS_ID_enhanced', 'Case narrative (English)'],
      ['Case narrative (English)', undefined, 'VAERS_ID_enhanced'],
    ],
    [
      'the last words of a name',
      ['patient_id', "Reporter's comments text", 'condition_label'],
      ["Reporter's comments text", 'condition_label', 'patient_id'],
    ],
    [
      'no word by its letters alone',
      ['valid', 'texture', 'classy', 'identity', 'Notebook'],
      [undefined, undefined, undefined],
    ],
    [
      'no text in a name about something else',
      ['report_date', 'narrative_id', 'comment count', 'text_label'],
      [undefined, 'text_label', 'narrative_id'],
    ],
    [
      'no label in what a model predicted',
      ['narrative', 'predicted_label', 'label confidence'],
      ['narrative', undefined, undefined],
    ],
    [
      'no coded symptoms in the place of the text',
      ['All_symptoms', 'SYMPTOM_TEXT'],
      ['SYMPTOM_TEXT', undefined, undefined],
    ],
    ['names after a byte order mark', ['\uFEFFID', 'text'], ['text', undefined, '\uFEFFID']],
    [
      'names after a byte order mark of latin1 characters',
      ['\u00EF\u00BB\u00BFID', 'text'],
      ['text', undefined, '\u00EF\u00BB\u00BFID'],
    ],
    ['nothing in a header of unknown names', ['a', '', '?'], [undefined, undefined, undefined]],
    ['nothing without a header', [], [undefined, undefined, undefined]],
  ])('finds %s', (_, header, expected) => {
    expect(namesFound(header)).toEqual(expected);
  });

  it.each<[string, string[], ChosenColumns, (string | undefined)[]]>([
    ['what was chosen', ['id', 'narrative', 'other'], { text: 'other' }, ['other', undefined, 'id']],
    [
      'for one role nothing that was chosen for another',
      ['narrative', 'text'],
      { label: 'narrative' },
      ['text', 'narrative', undefined],
    ],
    ['the very name before one that is alike', ['Text', 'text'], { text: 'text' }, ['text', undefined, undefined]],
    [
      'a name that is alike where the very name is missing',
      ['Free Text'],
      { text: 'free_text' },
      ['Free Text', undefined, undefined],
    ],
  ])('takes %s', (_, header, chosen, expected) => {
    expect(namesFound(header, chosen)).toEqual(expected);
    expect(findColumns(header, chosen).problems).toEqual([]);
  });

  it('reports a chosen name that is missing, and does not fall back on another column', () => {
    const { text, problems } = findColumns(['narrative', 'secret'], { text: 'nowhere', label: '?' });
    expect(text).toBeUndefined();
    expect(problems).toMatchObject([
      { kind: 'unknownColumn', role: 'text', name: 'nowhere' },
      { kind: 'unknownColumn', role: 'label', name: '?' },
    ]);
    expect(problems[0]?.message).toBe('No column is named "nowhere"; choose one that the file has.');
  });

  it('reports a column that was chosen twice', () => {
    const findings = findColumns(['a', 'b'], { text: 'a', label: 'a', id: 'b' });
    expect(findings).toMatchObject({ text: 0, label: undefined, id: 1 });
    expect(findings.problems).toMatchObject([{ kind: 'columnChosenTwice', role: 'label', name: 'a' }]);
  });
});

const dataFolder = path.resolve(import.meta.dirname, '../../../shared/data');

describe.skipIf(!existsSync(dataFolder))('findColumns in the files of the field', () => {
  it.each([
    ['dev_1997VAERSDATA.csv', ['SYMPTOM_TEXT', undefined, 'VAERS_ID']],
    ['dev_NonDomestic_3rows.cp1252.csv', ['SYMPTOM_TEXT', undefined, 'VAERS_ID']],
    ['dev_Under12.filtered.cp1252.csv', ['SYMPTOM_TEXT', undefined, 'VAERS_ID_enhanced']],
    ['vaers_balanced_test50.csv', ['Narrative', 'Seriousness', 'ID']],
    ['vaers_under12_unlabelled.csv', ['Narrative', undefined, 'ID']],
    ['other/covid19vaxae_sample.csv', ['SYMPTOM_TEXT', 'SYMPTOM', 'VAERS_ID']],
    ['other/medical_tc_labels.csv', [undefined, 'condition_label', undefined]],
    ['other/phee_test.csv', ['Sentence', 'EventType', 'ID']],
    ['other/psytar_binary_full.tsv', ['sentences', undefined, undefined]],
  ])('finds the columns of %s', (file, expected) => {
    const { header } = scanCsv(readFileSync(path.join(dataFolder, file), 'latin1'));
    expect(namesFound(header)).toEqual(expected);
  });
});
