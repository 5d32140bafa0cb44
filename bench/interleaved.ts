import { performance } from 'node:perf_hooks';

/** A way of doing the work that is compared. */
export interface Contestant {
  readonly name: string;
  run(): unknown | Promise<unknown>;
}

/** Runs all contestants in turn, round after round, so that a slow moment of the machine meets all; median seconds of each. */
export async function interleaved(contestants: readonly Contestant[], rounds: number): Promise<Map<string, number>> {
  const times = new Map(contestants.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round <= rounds; round++) {
    for (const { name, run } of contestants) {
      const start = performance.now();
      await run();
      // The first round warms up.
      if (round > 0) times.get(name)?.push((performance.now() - start) / 1_000);
    }
  }
  return new Map([...times].map(([name, seconds]) => [name, median(seconds)]));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/** Prints rows of cells as a Markdown table, the first row being its head. */
export function printTable(rows: readonly (readonly string[])[]): void {
  const [head = [], ...body] = rows;
  for (const row of [head, head.map(() => '---'), ...body]) console.log(`| ${row.join(' | ')} |`);
}
