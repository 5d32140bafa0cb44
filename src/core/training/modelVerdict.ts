import type { ClassificationReport } from '../metrics/classificationReport.ts';

/** How a new model compares with the old one on the same records. */
export interface ModelVerdict {
  /** Whether it may take the old one's place without asking. */
  readonly notWorse: boolean;
  /** Sentences, of what got worse first. */
  readonly findings: readonly string[];
}

/** Rounding alone makes no model worse. */
const TOLERANCE = 1e-9;

/**
 * A new model is not worse where neither macro-F1 nor the recall of a critical class is lower: what is missed matters most.
 * @param critical labels; default: every class but the one with most records
 */
export function judgeModel(
  report: ClassificationReport,
  baseReport: ClassificationReport,
  critical: readonly string[] = everyClassButTheLargest(report),
): ModelVerdict {
  const figures = [
    { name: 'macro-F1', before: baseReport.macroF1, after: report.macroF1, decides: true },
    ...report.labels.map((label) => ({
      name: `recall of ${label}`,
      before: baseReport.perClass[label]?.recall ?? 0,
      after: report.perClass[label]?.recall ?? 0,
      decides: critical.includes(label),
    })),
  ];
  const isWorse = ({ before, after }: { before: number; after: number }) => after < before - TOLERANCE;
  const isSame = ({ before, after }: { before: number; after: number }) => Math.abs(after - before) <= TOLERANCE;
  const sentence = (figure: (typeof figures)[number]) =>
    `${figure.name.charAt(0).toUpperCase()}${figure.name.slice(1)} ${isWorse(figure) ? 'fell' : 'rose'} from ` +
    `${figure.before.toFixed(3)} to ${figure.after.toFixed(3)}.`;
  const worse = figures.filter(isWorse);
  const better = figures.filter((figure) => !isWorse(figure) && !isSame(figure));
  return {
    notWorse: !worse.some(({ decides }) => decides),
    findings: [...worse, ...better].map(sentence),
  };
}

function everyClassButTheLargest({ labels, perClass }: ClassificationReport): readonly string[] {
  const support = (label: string) => perClass[label]?.support ?? 0;
  const largest = labels.reduce((best, label) => (support(label) > support(best) ? label : best), labels[0] ?? '');
  return labels.filter((label) => label !== largest);
}
