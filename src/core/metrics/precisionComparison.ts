import { argMax } from './softmax.ts';

/** Texts whose two best labels are about equally far apart in float32, and how many of them got another label. */
export interface MarginBand {
  /** The two largest float32 logits differ by at least this, and by less than `from` of the band after. */
  readonly from: number;
  readonly count: number;
  readonly flips: number;
}

/** Texts that got `to` in the lower precision and `from` in float32. */
export interface LabelFlips {
  readonly from: string;
  readonly to: string;
  readonly count: number;
}

/** What a lower precision changes in what a model says of the same texts. */
export interface PrecisionComparison {
  /** Texts compared. */
  readonly count: number;
  /** Positions of the texts that got another label, ascending. */
  readonly flips: readonly number[];
  /** Flips per text, 0 to 1; 0 where there was no text. */
  readonly flipShare: number;
  /** The share that is not exceeded among all such texts, with 95 % confidence. */
  readonly flipShareUpperBound: number;
  /** Most frequent first. */
  readonly labelFlips: readonly LabelFlips[];
  readonly largestDifference: number;
  /** Mean magnitude of the difference over all logits of all texts. */
  readonly meanDifference: number;
  /** From the closest decisions to the clearest; each text is in one band. */
  readonly margins: readonly MarginBand[];
  /** Whether float32 should be used: more labels change than `acceptableFlipShare`. */
  readonly suggestsFullPrecision: boolean;
}

/** Flips per text that a lower precision may cost. */
export const acceptableFlipShare = 0.005;

const MARGIN_BANDS = [0, 0.05, 0.1, 0.2, 0.5, 1];

/**
 * Compares what a model says in float32 and in a lower precision.
 * @param fp32, lower the logits, [texts][labels] each
 * @throws Error where the sizes do not fit
 */
export function comparePrecision(
  fp32: readonly Float32Array[],
  lower: readonly Float32Array[],
  labels: readonly string[],
): PrecisionComparison {
  if (fp32.length !== lower.length) throw new Error(`${fp32.length} texts compared with ${lower.length}`);
  const flips: number[] = [];
  const pairs = new Map<number, { from: string; to: string; count: number }>();
  const margins = MARGIN_BANDS.map((from) => ({ from, count: 0, flips: 0 }));
  let [largestDifference, differenceSum] = [0, 0];
  for (const [index, exact] of fp32.entries()) {
    const other = lower[index] ?? new Float32Array(0);
    if (exact.length !== labels.length || other.length !== labels.length) {
      throw new Error(`${exact.length} and ${other.length} logits for ${labels.length} labels`);
    }
    for (const [label, logit] of exact.entries()) {
      const difference = Math.abs(logit - (other[label] ?? Number.NaN));
      differenceSum += difference;
      largestDifference = Math.max(largestDifference, difference);
    }
    const margin = marginOf(exact);
    const band = margins.findLast(({ from }) => margin >= from);
    if (band === undefined) throw new Error('logits that are no numbers');
    band.count++;
    const [from, to] = [argMax(exact), argMax(other)];
    if (from === to) continue;
    band.flips++;
    flips.push(index);
    const key = from * labels.length + to;
    const pair = pairs.get(key) ?? { from: labels[from] ?? '', to: labels[to] ?? '', count: 0 };
    pair.count++;
    pairs.set(key, pair);
  }
  const count = fp32.length;
  const flipShare = count === 0 ? 0 : flips.length / count;
  return {
    count,
    flips,
    flipShare,
    flipShareUpperBound: upperBound(flips.length, count),
    labelFlips: [...pairs.values()].sort((a, b) => b.count - a.count),
    largestDifference,
    meanDifference: count === 0 ? 0 : differenceSum / (count * labels.length),
    margins,
    suggestsFullPrecision: flipShare > acceptableFlipShare,
  };
}

/** How far the largest logit is from the next; infinite where there is one label only. */
function marginOf(logits: Float32Array): number {
  const [best = 0, next = Number.NEGATIVE_INFINITY] = [...logits].sort((a, b) => b - a);
  return best - next;
}

/** 95 % quantile of the normal distribution. */
const Z_95 = 1.6448536;

/**
 * The upper end of the one-sided 95 % score interval of a share; 1 where nothing was counted. For no event among n it comes
 * close to the rule of three, 3 / n. Source: Wilson, "Probable inference, the law of succession, and statistical inference", 1927.
 */
function upperBound(events: number, count: number): number {
  if (count === 0) return 1;
  const share = events / count;
  const z2 = Z_95 ** 2;
  const spread = Z_95 * Math.sqrt((share * (1 - share)) / count + z2 / (4 * count ** 2));
  return Math.min(1, (share + z2 / (2 * count) + spread) / (1 + z2 / count));
}
