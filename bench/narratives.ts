import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { findColumns } from '../src/core/columns.ts';
import { scanCsv } from '../src/core/csv/csvScanner.ts';

const SHARED = '../shared/data/vaers_balanced_train650.csv';
const SAMPLE = 'samples/narratives.csv';

/** Narratives of real lengths, from the shared data where it is there; over again from the first where there are too few. */
export function readNarratives(count: number): { readonly texts: readonly string[]; readonly file: string } {
  const file = existsSync(SHARED) ? SHARED : SAMPLE;
  const table = scanCsv(readFileSync(file, 'utf8'));
  const column = findColumns(table.header).text ?? 0;
  const texts = Array.from({ length: count }, (_, i) => table.value(i % table.recordCount, column) ?? '');
  return { texts, file: path.basename(file) };
}
