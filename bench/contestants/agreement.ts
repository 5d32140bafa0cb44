/** How far two classifiers agree on the same texts. */
export interface Agreement {
  /** Share of texts that get the same label, 0 to 1. */
  readonly sameLabel: number;
  readonly largestDifference: number;
}

/** Compares logits, [texts][labels] each. */
export function logitAgreement(a: readonly Float32Array[], b: readonly Float32Array[]): Agreement {
  if (a.length !== b.length || a.length === 0) throw new Error(`${a.length} texts compared with ${b.length}`);
  let same = 0;
  let largestDifference = 0;
  for (const [row, logits] of a.entries()) {
    const others = b[row] ?? new Float32Array(0);
    if (logits.length !== others.length) throw new Error(`${logits.length} labels compared with ${others.length}`);
    if (bestLabel(logits) === bestLabel(others)) same++;
    for (const [label, logit] of logits.entries()) {
      largestDifference = Math.max(largestDifference, Math.abs(logit - (others[label] ?? Number.NaN)));
    }
  }
  return { sameLabel: same / a.length, largestDifference };
}

function bestLabel(logits: Float32Array): number {
  return logits.indexOf(Math.max(...logits));
}
