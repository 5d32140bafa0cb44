import type { ClassificationReport } from '../metrics/classificationReport.ts';
import { judgeModel, type ModelVerdict } from './modelVerdict.ts';

/** Whether a new model takes the place of the old one by itself, or a person is asked, and why. */
export type NewModelDecision =
  | { readonly ask: false; readonly verdict: ModelVerdict }
  | {
      readonly ask: true;
      /** Absent where the two could not be compared. */
      readonly verdict?: ModelVerdict;
      /** What goes on after "NAME was trained, but ". */
      readonly why: string;
    };

/**
 * Only a model that was compared with the old one and is not worse is used without asking.
 * @param report of the new model on the held-out records; undefined: none was held out
 * @param baseReport of the old model on the same; undefined: its labels are others
 * @param critical as `judgeModel` takes it
 * @param otherInUse name of the model in use, where that is not the one that training started from
 */
export function decideOnModel(
  report: ClassificationReport | undefined,
  baseReport: ClassificationReport | undefined,
  critical?: readonly string[],
  otherInUse?: string,
): NewModelDecision {
  if (report === undefined) {
    return { ask: true, why: 'nothing tells how good it is: no record was held out to measure it on.' };
  }
  if (baseReport === undefined) {
    return {
      ask: true,
      why: 'it cannot be compared with the model that it was trained from, which does not know the labels of these records.',
    };
  }
  const verdict = judgeModel(report, baseReport, critical);
  if (verdict.notWorse && otherInUse !== undefined) {
    return {
      ask: true,
      verdict,
      why: `it was compared with another model than ${otherInUse}, which is in use by now.`,
    };
  }
  if (verdict.notWorse) return { ask: false, verdict };
  return { ask: true, verdict, why: `it is worse: ${verdict.findings[0] ?? ''}` };
}
