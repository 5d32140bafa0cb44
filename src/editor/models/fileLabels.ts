import type { CaseDocument } from '../caseDocument.ts';

const RECORDS_READ = 5_000;
/** A column with more values than this holds something else. */
const MOST_LABELS = 20;

/** The labels in the first records of a file, sorted as label encoders sort them; empty where the column holds no labels. */
export function fileLabels({ table, columns }: Pick<CaseDocument, 'table' | 'columns'>): readonly string[] {
  if (table === undefined || columns?.label === undefined) return [];
  const labels = new Set<string>();
  for (let record = 0; record < Math.min(table.recordCount, RECORDS_READ); record++) {
    const label = table.value(record, columns.label)?.trim();
    if (label) labels.add(label);
    if (labels.size > MOST_LABELS) return [];
  }
  return [...labels].sort();
}
