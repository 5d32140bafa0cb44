import { performance } from 'node:perf_hooks';
import { interleaved } from '../interleaved.ts';
import { Contestant } from './contestant.ts';
import type { ContestantSettings, Mode } from './messages.ts';

/** Batch sizes that a caller of transformers.js may try; the fastest is measured. */
const SIZES = [8, 32];

/** How the texts were handed over; Caselight sorts by itself and has no `sorted`. */
export type Kind = 'single' | 'batched' | 'sorted';

export interface Measured {
  /** [texts][labels]. */
  readonly logits: readonly Float32Array[];
  readonly modes: Readonly<Partial<Record<Kind, Mode>>>;
  /** Median of the rounds, of those in `modes`. */
  readonly rowsPerSecond: Readonly<Partial<Record<Kind, number>>>;
  readonly loadSeconds: number;
  /** While all of `modes` were run; undefined where the system does not tell. */
  readonly peakBytes: number | undefined;
}

/**
 * Runs contestants in processes of their own, every mode of each in turn. A process before the one that is measured finds the
 * logits and the batch sizes, so that these cost no memory, derives what is missing and brings the files into memory.
 */
export async function measure(settings: readonly ContestantSettings[], rounds: number): Promise<Measured[]> {
  const scouted: Pick<Measured, 'logits' | 'modes'>[] = [];
  for (const each of settings) scouted.push(await scout(each));
  const contestants: Contestant[] = [];
  for (const each of settings) contestants.push(await Contestant.start(each));
  const key = (index: number, kind: string) => `${index} ${kind}`;
  const seconds = await interleaved(
    contestants.flatMap((contestant, index) =>
      Object.entries(scouted[index]?.modes ?? {}).map(([kind, mode]) => ({
        name: key(index, kind),
        run: () => contestant.classify(mode),
      })),
    ),
    rounds,
  );
  const measured = scouted.map(({ logits, modes }, index): Measured => {
    const rates = Object.keys(modes).map((kind) => [kind, logits.length / (seconds.get(key(index, kind)) ?? 0)]);
    return {
      logits,
      modes,
      rowsPerSecond: Object.fromEntries(rates),
      loadSeconds: contestants[index]?.loadSeconds ?? Number.NaN,
      peakBytes: contestants[index]?.peakBytes(),
    };
  });
  for (const contestant of contestants) await contestant.stop();
  return measured;
}

async function scout(settings: ContestantSettings): Promise<Pick<Measured, 'logits' | 'modes'>> {
  const contestant = await Contestant.start(settings);
  const logits = await contestant.logits();
  const modes: Measured['modes'] =
    settings.library === 'caselight'
      ? { single: 'single', batched: 'batched' }
      : { single: 'single', batched: await fastest(contestant, false), sorted: await fastest(contestant, true) };
  await contestant.stop();
  return { logits, modes };
}

async function fastest(contestant: Contestant, sorted: boolean): Promise<Mode> {
  const timed: { mode: Mode; ms: number }[] = [];
  for (const size of SIZES) {
    const start = performance.now();
    await contestant.classify({ size, sorted });
    timed.push({ mode: { size, sorted }, ms: performance.now() - start });
  }
  const [first] = timed.toSorted((a, b) => a.ms - b.ms);
  if (first === undefined) throw new Error('no batch size to try');
  return first.mode;
}
