/** Precision, recall and F1 of one class; 0 where the quotient has no denominator, as scikit-learn's `zero_division=0`. */
export interface ClassMetrics {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Scored records whose actual label is this class. */
  readonly support: number;
}

export interface ClassificationReport {
  readonly labels: readonly string[];
  /** Records that were compared. */
  readonly scored: number;
  readonly accuracy: number;
  /** Mean F1 over the classes that occur, actual or predicted (scikit-learn's `average='macro'`). */
  readonly macroF1: number;
  readonly perClass: Readonly<Record<string, ClassMetrics>>;
  /** `confusionMatrix[actual][predicted]`, both in the order of `labels`. */
  readonly confusionMatrix: readonly (readonly number[])[];
}

const quotient = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

/** Counts (actual, predicted) pairs as they come, so that a file of any length is evaluated in constant memory. */
export class ConfusionCounter {
  readonly #counts: number[][];

  constructor(readonly labels: readonly string[]) {
    this.#counts = labels.map(() => labels.map(() => 0));
  }

  /** @param actual, predicted indexes into `labels` */
  add(actual: number, predicted: number): void {
    const row = this.#counts[actual];
    const count = row?.[predicted];
    if (row === undefined || count === undefined) {
      throw new Error(`class pair (${actual}, ${predicted}) is outside of ${this.labels.length} labels`);
    }
    row[predicted] = count + 1;
  }

  report(): ClassificationReport {
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
    const supports = this.#counts.map(sum);
    const predictedTotals = this.labels.map((_, j) => sum(this.#counts.map((row) => row[j] ?? 0)));
    const hits = this.labels.map((_, i) => this.#counts[i]?.[i] ?? 0);
    const metrics = this.labels.map((_, i): ClassMetrics => {
      const [hit, support, predicted] = [hits[i] ?? 0, supports[i] ?? 0, predictedTotals[i] ?? 0];
      return {
        precision: quotient(hit, predicted),
        recall: quotient(hit, support),
        f1: quotient(2 * hit, support + predicted),
        support,
      };
    });
    const occurring = metrics.filter((m, i) => m.support + (predictedTotals[i] ?? 0) > 0);
    const scored = sum(supports);
    return {
      labels: this.labels,
      scored,
      accuracy: quotient(sum(hits), scored),
      macroF1: quotient(sum(occurring.map((m) => m.f1)), occurring.length),
      perClass: Object.fromEntries(this.labels.map((label, i) => [label, metrics[i] as ClassMetrics])),
      confusionMatrix: this.#counts.map((row) => [...row]),
    };
  }
}
