import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { describeModel } from '../src/models/describeModel.ts';
import { bertBaseCheckpoint } from './bertBase/cachedCheckpoint.ts';
import { logitAgreement } from './contestants/agreement.ts';
import { type Measured, measure } from './contestants/measure.ts';
import { type Compared, printAgreement, printCosts, printRates, printTargets } from './contestants/report.ts';
import { describeMachine } from './machine.ts';
import { readNarratives } from './narratives.ts';
import { onnxExport } from './onnxExport.ts';

const MAX_LENGTH = 256;
const LABELS = ['D/LT', 'Non-serious', 'Serious'];
/** Both compute the same in fp32: logits further apart mean that something else was compared. */
const LARGEST_DIFFERENCE = 1e-3;

/** Against `@huggingface/transformers` with the same weights, texts, threads and maximum length. */
export async function run(): Promise<void> {
  const threads = Math.min(2, availableParallelism());
  const compared = [
    await compare({ model: 'models/default (6 x 384)', directory: 'models/default', rows: 256, rounds: 5, threads }),
    await compare({
      model: 'BERT-base (12 x 768)',
      directory: await bertBaseCheckpoint(LABELS),
      rows: 48,
      rounds: 3,
      threads,
    }),
  ];
  console.log(
    `\n${describeMachine()}, ${threads} threads; ${['onnxruntime-node', '@huggingface/transformers'].map(withVersion).join(', ')}`,
  );
  for (const print of [printTargets, printRates, printCosts, printAgreement]) {
    console.log('');
    print(compared);
  }
}

interface Subject {
  readonly model: string;
  readonly directory: string;
  readonly rows: number;
  readonly rounds: number;
  readonly threads: number;
}

async function compare({ model, directory, rows, rounds, threads }: Subject): Promise<Compared> {
  const { texts, file } = readNarratives(rows);
  const { hash } = await describeModel(directory);
  const shared = { threads, maxLength: MAX_LENGTH, texts };
  const own = { library: 'caselight', modelDirectory: directory, ...shared } as const;
  const exported = onnxExport(directory, hash, MAX_LENGTH);
  const peer = { library: 'transformers.js', modelDirectory: exported, ...shared } as const;
  console.log(`${model}: ${rows} narratives of ${file}, at most ${MAX_LENGTH} tokens, median of ${rounds} rounds`);
  const [fp32, int8, peerFp32, q8] = (await measure(
    [
      { ...own, precision: 'fp32' },
      { ...own, precision: 'int8' },
      { ...peer, precision: 'fp32' },
      { ...peer, precision: 'int8' },
    ],
    rounds,
  )) as [Measured, Measured, Measured, Measured];
  const { largestDifference } = logitAgreement(fp32.logits, peerFp32.logits);
  if (largestDifference > LARGEST_DIFFERENCE) {
    throw new Error(`The fp32 logits of ${model} differ by ${largestDifference}: not the same model was compared`);
  }
  return { model, caselight: { fp32, int8 }, peer: { fp32: peerFp32, q8 } };
}

function withVersion(name: string): string {
  const { version } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8'));
  return `${name} ${version}`;
}
