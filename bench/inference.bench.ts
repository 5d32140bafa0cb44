import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { findColumns } from '../src/core/columns.ts';
import { scanCsv } from '../src/core/csv/csvScanner.ts';
import { LocalBackend } from '../src/inference/localBackend.ts';
import { describeModel } from '../src/models/describeModel.ts';
import { interleaved, printTable } from './interleaved.ts';

const SHARED = '../shared/data/vaers_balanced_train650.csv';
const ROWS = 256;

/** Rows a second of the built-in model, batched and one at a time, in both precisions. */
export async function run(): Promise<void> {
  const file = existsSync(SHARED) ? SHARED : 'samples/narratives.csv';
  const table = scanCsv(readFileSync(file, 'utf8'));
  const column = findColumns(table.header).text ?? 0;
  const texts = Array.from({ length: ROWS }, (_, i) => table.value(i % table.recordCount, column) ?? '');
  const model = await describeModel('models/default');
  const threads = Math.min(2, availableParallelism());
  const backend = (precision: 'fp32' | 'int8') =>
    new LocalBackend({
      modelDirectory: model.directory,
      modelHash: model.hash,
      modelStamp: model.stamp,
      cacheDirectory: join(tmpdir(), 'caselight-bench'),
      precision,
      maxLength: 256,
      threads,
    });
  const backends = { fp32: backend('fp32'), int8: backend('int8') };
  const onResults = () => {};
  const batched = (precision: 'fp32' | 'int8') => () => backends[precision].predict(texts, { onResults });
  const single = (precision: 'fp32' | 'int8') => async () => {
    for (const text of texts) await backends[precision].predict([text], { onResults });
  };
  const seconds = await interleaved(
    [
      { name: 'fp32, one by one', run: single('fp32') },
      { name: 'fp32, batched', run: batched('fp32') },
      { name: 'int8, one by one', run: single('int8') },
      { name: 'int8, batched', run: batched('int8') },
    ],
    5,
  );
  const base = seconds.get('fp32, one by one') ?? 0;
  console.log(`\nInference: ${model.name}, ${ROWS} narratives of ${file.split('/').at(-1)}, ${threads} threads`);
  printTable([
    ['', 'rows/s', 'times fp32 one by one'],
    ...[...seconds].map(([name, s]) => [name, (ROWS / s).toFixed(0), (base / s).toFixed(2)]),
  ]);
  await Promise.all(Object.values(backends).map((each) => each.dispose()));
}
