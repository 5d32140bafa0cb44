import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { ClassMetrics } from '../../../src/core/metrics/classificationReport.ts';

/** A report of scikit-learn; `actual` and `predicted` are indexes into `labels`. */
interface OracleReport {
  readonly name: string;
  readonly labels: readonly string[];
  readonly actual: readonly number[];
  readonly predicted: readonly number[];
  readonly accuracy: number;
  readonly macroF1: number;
  readonly perClass: Readonly<Record<string, ClassMetrics>>;
  readonly confusionMatrix: readonly (readonly number[])[];
}

/** Probabilities of SciPy and the log loss that scikit-learn finds in them. */
interface OracleSoftmax {
  readonly name: string;
  /** [records][labels] */
  readonly logits: readonly (readonly number[])[];
  readonly actual: readonly number[];
  /** [records][labels] */
  readonly probabilities: readonly (readonly number[])[];
  readonly logLoss: number;
}

/** What `test/oracles/metrics.py` writes. */
export function readOracle(): {
  readonly reports: readonly OracleReport[];
  readonly softmaxes: readonly OracleSoftmax[];
} {
  return JSON.parse(readFileSync(path.resolve(import.meta.dirname, '../../fixtures/metrics.json'), 'utf8'));
}
