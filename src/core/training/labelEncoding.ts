/** Classes by number. */
export interface LabelEncoding {
  /** Sorted by code point, as scikit-learn's LabelEncoder and Python's `sorted` do; the position is the class's id. */
  readonly labels: readonly string[];
  /** The id of each record's class, in the order of the records. */
  readonly classIds: Int32Array;
}

/** Numbers the labels of records. @param labels of each record */
export function encodeLabels(labels: readonly string[]): LabelEncoding {
  const sorted = [...new Set(labels)].sort(byCodePoint);
  const ids = new Map(sorted.map((label, id) => [label, id]));
  return { labels: sorted, classIds: Int32Array.from(labels, (label) => ids.get(label) ?? 0) };
}

/** JavaScript compares UTF-16 units, which puts characters beyond U+FFFF before some within. */
function byCodePoint(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    const difference = (left[index]?.codePointAt(0) ?? 0) - (right[index]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
