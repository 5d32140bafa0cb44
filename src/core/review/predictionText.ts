import type { Prediction } from './prediction.ts';
import { rankedLabels } from './rankedLabels.ts';
import type { RecordStatus } from './recordStatus.ts';

// The sign in front tells the states apart without colour.
const SIGNS: Record<RecordStatus, string> = {
  noNarrative: '',
  waiting: '…',
  unlabelled: '→',
  agreement: '✓',
  disagreement: '≠',
  unknownLabel: '?',
  checked: '●',
};

/**
 * A probability as a percentage that never claims certainty: `100 %` is written only for exactly 1.
 * @param probability 0 to 1
 */
export function percentage(probability: number, digits = 0): string {
  const scale = 10 ** digits;
  const rounded = Math.round(probability * 100 * scale) / scale;
  const capped = probability < 1 && rounded >= 100 ? 100 - 1 / scale : rounded;
  return `${capped.toFixed(digits)} %`;
}

/** The words of a decoration: sign, predicted label, confidence, e.g. `≠ Serious 97 %`. */
export function predictionText(prediction: Prediction, status: RecordStatus): string {
  return `${SIGNS[status]} ${prediction.label} ${percentage(prediction.confidence)}`;
}

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A horizontal bar of at most `width` characters, drawn with eighth blocks. */
export function bar(fraction: number, width: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, fraction)) * width * 8);
  return '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '');
}

/** One line a class, most probable first, with bars; aligned for a fixed-width font. */
export function probabilityBars(labels: readonly string[], probabilities: ArrayLike<number>, width = 20): string {
  const nameWidth = Math.max(...labels.map((label) => label.length));
  return rankedLabels(labels, probabilities)
    .map(({ label, probability }) => {
      const value = percentage(probability, 1).padStart(7);
      return `${label.padEnd(nameWidth)} ${value} ${bar(probability, width)}`.trimEnd();
    })
    .join('\n');
}
