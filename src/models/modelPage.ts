import { architectures } from '../checkpoint/architectures.ts';
import { countText } from '../core/countText.ts';
import { markdownTable, markdownText } from '../core/markdown.ts';
import { sizeText } from '../core/sizeText.ts';
import { type FieldValue, flattenFields } from './registry/flattenFields.ts';
import type { ModelFacts } from './registry/modelFacts.ts';

const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

/**
 * A model in Markdown: what it is, where it comes from and what was measured, for a person who has to decide on it.
 * @param directory path of its folder
 */
export function modelPage(name: string, directory: string, { manifest, config, sizeBytes }: ModelFacts): string {
  const { architecture, layerCount, hiddenSize, headCount, vocabSize, maxPositions, labels } = config;
  const network = `${architectures[architecture].title}, ${layerCount} layers of ${hiddenSize}, ${headCount} heads`;
  const facts = [
    ['Labels', labels.join(', ')],
    ['Network', network],
    ['Vocabulary', `${countText(vocabSize)} tokens`],
    ['Longest text', `${countText(maxPositions)} tokens`],
    ['Size', sizeText(sizeBytes)],
    ['Made', manifest?.created === undefined ? 'not recorded' : timeText(manifest.created)],
    ['Folder', directory],
  ];
  const { metrics, parent, origin, data, hyperParameters, engine, files } = manifest ?? {};
  return [
    `# ${markdownText(name)}`,
    ...factTable(facts),
    ...section('Figures', metrics),
    ...section('Parent', parent),
    ...section('Origin', origin),
    ...section('Training data', data),
    ...section('Training', hyperParameters),
    ...section('Engine', engine),
    ...section('SHA-256 of its files', files),
    ...(manifest === undefined ? ['', 'Nothing is recorded of where this model comes from.'] : []),
    '',
  ].join('\n');
}

function section(heading: string, fields: object | undefined): string[] {
  const rows = [...flattenFields(fields ?? {})].map(([field, value]) => [fieldTitle(field), valueText(value)]);
  return rows.length === 0 ? [] : ['', `## ${heading}`, ...factTable(rows)];
}

function factTable(rows: readonly (readonly string[])[]): string[] {
  return ['', ...markdownTable([['', ''], ...rows.map((cells) => cells.map(markdownText))])];
}

/** The name of a field in words: `laterYears.macroF1` as `later years: macro F1`. File names stay as they are. */
export function fieldTitle(name: string): string {
  if (/\.(json|txt|safetensors)$/.test(name)) return name;
  const words = name.replaceAll('.', ': ').replaceAll(/(?<=[a-z0-9])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.replaceAll(/\bf1\b/g, 'F1');
}

/** A value as a table shows it. */
export function valueText(value: FieldValue | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return ISO_TIME.test(value) ? timeText(value) : value;
  if (Number.isInteger(value)) return countText(value);
  return Math.abs(value) >= 0.001 ? value.toFixed(3) : String(Number(value.toPrecision(3)));
}

/** A time to the minute. @param iso ISO 8601, UTC */
export function timeText(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}
