import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { findColumns } from '../src/core/columns.ts';
import { scanCsv } from '../src/core/csv/csvScanner.ts';
import { precisionReportText } from '../src/core/review/precisionReportText.ts';
import { LocalBackend } from '../src/inference/localBackend.ts';
import { measurePrecision } from '../src/inference/precisionReport.ts';
import { describeModel } from '../src/models/describeModel.ts';

const SHARED = '../shared/data/vaers_1990_1997_all.csv';

/**
 * What int8 changes on 2,000 real narratives: the built-in model, or the folders that PRECISION_MODELS names, with colons
 * between them; PRECISION_SAMPLE is another number of narratives.
 */
export async function run(): Promise<void> {
  const file = existsSync(SHARED) ? SHARED : 'samples/narratives.csv';
  const table = scanCsv(readFileSync(file, 'utf8'));
  const column = findColumns(table.header).text ?? 0;
  const texts = Array.from({ length: table.recordCount }, (_, i) => table.value(i, column) ?? '');
  for (const folder of (process.env.PRECISION_MODELS ?? 'models/default').split(':')) {
    const model = await describeModel(folder);
    const report = await measurePrecision({
      model,
      modelSettings: {
        modelDirectory: model.directory,
        modelHash: model.hash,
        modelStamp: model.stamp,
        cacheDirectory: join(tmpdir(), 'caselight-bench'),
        precision: 'int8',
        maxLength: 256,
        threads: Math.min(2, availableParallelism()),
      },
      texts,
      sampleSize: Number(process.env.PRECISION_SAMPLE ?? 2_000),
      createBackend: (settings) => new LocalBackend(settings),
    });
    console.log(`\n${precisionReportText(report)}`);
  }
}
