import { printTable } from '../interleaved.ts';
import { logitAgreement } from './agreement.ts';
import type { Kind, Measured } from './measure.ts';

/** What Caselight and transformers.js made of one model. */
export interface Compared {
  readonly model: string;
  readonly caselight: { readonly fp32: Measured; readonly int8: Measured };
  readonly peer: { readonly fp32: Measured; readonly q8: Measured };
}

const KINDS: ReadonlyMap<Kind, string> = new Map([
  ['single', 'one by one'],
  ['batched', 'in batches'],
  ['sorted', 'in batches, long texts beside long ones'],
]);

interface Target {
  readonly name: string;
  readonly ours: (compared: Compared) => Measured;
  readonly theirs: (compared: Compared) => Measured;
  /** How many times as fast Caselight has to be in the same mode. */
  readonly atLeast: Readonly<Partial<Record<Kind, number>>>;
}

const TARGETS: readonly Target[] = [
  {
    name: 'fp32 to its fp32',
    ours: ({ caselight }) => caselight.fp32,
    theirs: ({ peer }) => peer.fp32,
    atLeast: { single: 1.2, batched: 2 },
  },
  {
    name: 'int8 to its q8',
    ours: ({ caselight }) => caselight.int8,
    theirs: ({ peer }) => peer.q8,
    atLeast: { single: 1.3, batched: 1.3 },
  },
  {
    name: 'int8 to its fp32',
    ours: ({ caselight }) => caselight.int8,
    theirs: ({ peer }) => peer.fp32,
    atLeast: { single: 3.8, batched: 3.8 },
  },
];

/** Rows a second of everything that was measured. */
export function printRates(all: readonly Compared[]): void {
  printTable([
    ['model', 'texts', 'Caselight fp32', 'transformers.js fp32', 'Caselight int8', 'transformers.js q8'],
    ...all.flatMap(({ model, caselight, peer }) =>
      [...KINDS].map(([kind, name]) => [
        model,
        name,
        ...[caselight.fp32, peer.fp32, caselight.int8, peer.q8].map((each) => rate(each, kind).toFixed(1)),
      ]),
    ),
  ]);
}

/** Caselight's rates in those of transformers.js, and what is to be reached. */
export function printTargets(all: readonly Compared[]): void {
  printTable([
    ['times as fast', 'texts', ...all.map(({ model }) => model), 'to reach'],
    ...TARGETS.flatMap(({ name, ours, theirs, atLeast }) =>
      [...KINDS].map(([kind, texts]) => {
        const target = atLeast[kind];
        const ratios = all.map((each) => rate(ours(each), kind) / rate(theirs(each), kind));
        const shown = ratios.map(
          (ratio) => `${ratio.toFixed(2)}${target !== undefined && ratio < target ? ' (missed)' : ''}`,
        );
        return [name, texts, ...shown, target?.toFixed(1) ?? ''];
      }),
    ),
  ]);
}

/** Seconds to load, and memory. */
export function printCosts(all: readonly Compared[]): void {
  const megabytes = (bytes: number | undefined) => (bytes === undefined ? 'not known' : (bytes / 1e6).toFixed(0));
  printTable([
    ['model', '', 'Caselight fp32', 'transformers.js fp32', 'Caselight int8', 'transformers.js q8'],
    ...all.flatMap(({ model, caselight, peer }) => {
      const four = [caselight.fp32, peer.fp32, caselight.int8, peer.q8];
      return [
        [model, 'seconds to load', ...four.map(({ loadSeconds }) => loadSeconds.toFixed(2))],
        [model, 'peak memory, MB', ...four.map(({ peakBytes }) => megabytes(peakBytes))],
      ];
    }),
  ]);
}

/** How far the logits are from each other. */
export function printAgreement(all: readonly Compared[]): void {
  const shown = (a: Measured, b: Measured) => {
    const { sameLabel, largestDifference } = logitAgreement(a.logits, b.logits);
    return `${(sameLabel * 100).toFixed(1)} % (${largestDifference.toPrecision(2)})`;
  };
  printTable([
    [
      'same label (largest difference of logits)',
      'both in fp32',
      'Caselight int8 to fp32',
      'transformers.js q8 to fp32',
    ],
    ...all.map(({ model, caselight, peer }) => [
      model,
      shown(caselight.fp32, peer.fp32),
      shown(caselight.int8, caselight.fp32),
      shown(peer.q8, peer.fp32),
    ]),
  ]);
}

/** Caselight sorts by itself: where texts were sorted for transformers.js, its batches are the same. */
function rate({ rowsPerSecond }: Measured, kind: Kind): number {
  return rowsPerSecond[kind] ?? rowsPerSecond.batched ?? Number.NaN;
}
