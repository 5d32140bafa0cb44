import { countText } from '../countText.ts';
import { acceptableFlipShare } from '../metrics/precisionComparison.ts';
import type { PrecisionReport } from '../metrics/precisionReport.ts';
import { percentage } from './predictionText.ts';

/** One sentence or two that say what int8 costs and gains, and what to do about it; fit for a message. */
export function precisionSummary({ comparison, secondsPer100Texts }: PrecisionReport): string {
  const { count, flips, largestDifference, suggestsFullPrecision } = comparison;
  if (count === 0) return 'There is no narrative to compare int8 with fp32 on: choose a file that has some.';
  const differ = `${countText(flips.length)} ${flips.length === 1 ? 'label differs' : 'labels differ'}`;
  const speed = secondsPer100Texts.fp32 / secondsPer100Texts.int8;
  const measured =
    `int8 against fp32 on ${narratives(count)}: ${differ} (${percentage(comparison.flipShare, 2)}), ` +
    `largest logit difference ${largestDifference.toFixed(2)}; int8 is ${speed.toFixed(1)} times as fast.`;
  if (!suggestsFullPrecision) return measured;
  return `${measured} That is more than ${percentage(acceptableFlipShare, 1)}: choose fp32 where each label counts.`;
}

/** The whole report for a person, one finding a line. */
export function precisionReportText(report: PrecisionReport): string {
  const { comparison, recipe, secondsPer100Texts, available } = report;
  const lines = [
    precisionSummary(report),
    `model ${report.model} (${report.modelHash.slice(0, 12)}), int8 recipe ${recipe.name}: ${recipe.description}`,
  ];
  if (comparison.count === 0) return lines.join('\n');
  const { fp32, int8 } = secondsPer100Texts;
  lines.push(
    `sample: ${countText(comparison.count)} of ${countText(available)} different narratives; at most ` +
      `${percentage(comparison.flipShareUpperBound, 2)} of all such narratives get another label (95 % confidence)`,
    `mean logit difference ${comparison.meanDifference.toFixed(4)}; seconds per 100 narratives: fp32 ${fp32.toFixed(2)}, int8 ${int8.toFixed(2)}`,
    ...comparison.labelFlips.map(({ from, to, count }) => `${from} in fp32, ${to} in int8: ${countText(count)}`),
    'by how far the two best labels are apart in fp32 (logits):',
    ...comparison.margins.flatMap(({ from, count, flips }, index) => {
      const next = comparison.margins[index + 1];
      const range = next === undefined ? `${from} or more` : `${from} to ${next.from}`;
      return count === 0 ? [] : [`  ${range}: ${countText(flips)} of ${countText(count)} differ`];
    }),
  );
  return lines.join('\n');
}

function narratives(count: number): string {
  return count === 1 ? 'one of your narratives' : `${countText(count)} of your narratives`;
}
