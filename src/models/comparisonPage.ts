import { markdownTable, markdownText } from '../core/markdown.ts';
import { sizeText } from '../core/sizeText.ts';
import { fieldTitle, valueText } from './modelPage.ts';
import type { ComparisonRow, ModelComparison } from './registry/compareModels.ts';

const HEADINGS: Readonly<Record<ComparisonRow['section'], string>> = {
  metrics: 'Figures',
  model: 'Model',
  data: 'Training data',
  hyperParameters: 'Training',
  engine: 'Engine',
};

/** Two models side by side in Markdown; of two figures the better one is bold. */
export function comparisonPage(nameA: string, nameB: string, { rows, sameData }: ModelComparison): string {
  const [a, b] = [markdownText(nameA), markdownText(nameB)];
  const lines = [`# ${a} and ${b}`];
  if (sameData === false && rows.some(({ section }) => section === 'metrics')) {
    lines.push(
      '',
      'They were trained on different data: figures that were measured on different records do not compare.',
    );
  }
  for (const [section, heading] of Object.entries(HEADINGS)) {
    const own = rows.filter((row) => row.section === section);
    if (own.length === 0) continue;
    const cells = own.map((row) => [markdownText(title(row)), cell(row, 'a'), cell(row, 'b')]);
    lines.push('', `## ${heading}`, '', ...markdownTable([['', a, b], ...cells]));
  }
  if (!rows.some(({ section }) => section === 'metrics')) {
    lines.push('', 'No figures are recorded of either: run both over one labelled file to compare them.');
  }
  return `${lines.join('\n')}\n`;
}

function title(row: ComparisonRow): string {
  return isSize(row) ? 'size' : fieldTitle(row.name);
}

function isSize({ section, name }: ComparisonRow): boolean {
  return section === 'model' && name === 'sizeBytes';
}

function cell(row: ComparisonRow, side: 'a' | 'b'): string {
  const value = row[side];
  const text = isSize(row) && typeof value === 'number' ? sizeText(value) : markdownText(valueText(value)) || '–';
  return row.better === side ? `**${text}**` : text;
}
