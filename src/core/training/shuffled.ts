import type { SeededRandom } from '../seededRandom.ts';

/** A copy in another order. Source: Fisher and Yates, as in Knuth, TAOCP 2, algorithm P */
export function shuffled<T>(items: readonly T[], random: SeededRandom): T[] {
  const result = [...items];
  for (let index = result.length - 1; index > 0; index--) {
    const other = Math.floor(random.uniform() * (index + 1));
    [result[index], result[other]] = [result[other] as T, result[index] as T];
  }
  return result;
}
