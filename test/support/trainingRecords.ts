import { seededRandom } from '../../src/core/seededRandom.ts';
import type { TrainingRecord } from '../../src/training/trainingRun.ts';

const SIGNS: Readonly<Record<string, readonly string[]>> = {
  'D/LT': ['died', 'death'],
  'Non-serious': ['rash', 'redness', 'pain'],
  Serious: ['seizure', 'hospital', 'taking drug'],
};
const FILLERS = ['fever', 'days', 'hours', 'after', 'injection', 'site', 'patient', 'report', 'arm'];

/** Records whose label follows from a word of the text, no two of one text. */
export function trainingRecords(count: number, seed = 1): TrainingRecord[] {
  const { uniform } = seededRandom(seed);
  const pick = (words: readonly string[]) => words[Math.floor(uniform() * words.length)] ?? '';
  return Array.from({ length: count }, (_, index) => {
    const label = pick(Object.keys(SIGNS));
    const words = Array.from({ length: 2 + Math.floor(uniform() * 8) }, () => pick(FILLERS));
    words.splice(Math.floor(uniform() * words.length), 0, pick(SIGNS[label] ?? []));
    return { text: `${words.join(' ')} ${index}`, label };
  });
}
