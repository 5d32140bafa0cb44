import { describe, expect, it } from 'vitest';
import { leftOutText, type UnfitFile } from '../../../src/core/training/leftOutFiles.ts';

describe('leftOutText', () => {
  const whole = { most: 1_000, isCut: false };

  it('says nothing where every file is trained on', () => {
    expect(leftOutText([], 3, whole)).toBeUndefined();
  });

  it('names files, and why they are left out', () => {
    const unfit: UnfitFile[] = [
      { file: 'a.csv', code: 'NO_LABEL_COLUMN' },
      { file: 'b.csv', code: 'NO_TEXT_COLUMN' },
      { file: 'c.csv', code: 'BAD_ENCODING' },
    ];
    expect(leftOutText(unfit, 1_200, whole)).toBe(
      '3 of 1,200 CSV files are left out: a.csv (no column of labels), b.csv (no column of narratives), c.csv (it could not be read).',
    );
    expect(leftOutText(unfit.slice(0, 1), 2, whole)).toMatch(/^1 of 2 CSV files is left out/);
  });

  it('names no more than a message can hold', () => {
    const unfit = Array.from({ length: 8 }, (_, i): UnfitFile => ({ file: `${i}.csv`, code: 'EMPTY_FILE' }));
    expect(leftOutText(unfit, 9, whole)).toMatch(/4\.csv \(empty\), and 3 more, which the log names\.$/);
  });

  it('tells that there are more files than are read', () => {
    expect(leftOutText([], 1_000, { most: 1_000, isCut: true })).toMatch(
      /more than 1,000 CSV files: only the first 1,000 are read/,
    );
  });
});
