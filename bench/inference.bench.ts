import { availableParallelism } from 'node:os';
import { LocalBackend } from '../src/inference/localBackend.ts';
import { describeModel } from '../src/models/describeModel.ts';
import { benchFolder } from './benchFolder.ts';
import { interleaved, printTable } from './interleaved.ts';
import { readNarratives } from './narratives.ts';

const ROWS = 256;

/** Rows a second of the built-in model, batched and one at a time, in both precisions. */
export async function run(): Promise<void> {
  const { texts, file } = readNarratives(ROWS);
  const model = await describeModel('models/default');
  const threads = Math.min(2, availableParallelism());
  const backend = (precision: 'fp32' | 'int8') =>
    new LocalBackend({
      modelDirectory: model.directory,
      modelHash: model.hash,
      modelStamp: model.stamp,
      cacheDirectory: benchFolder('derived'),
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
  console.log(`\nInference: ${model.name}, ${ROWS} narratives of ${file}, ${threads} threads`);
  printTable([
    ['', 'rows/s', 'times fp32 one by one'],
    ...[...seconds].map(([name, s]) => [name, (ROWS / s).toFixed(0), (base / s).toFixed(2)]),
  ]);
  await Promise.all(Object.values(backends).map((each) => each.dispose()));
}
