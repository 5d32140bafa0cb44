import { describe, expect, it } from 'vitest';
import { failedStatus, isGivenUp } from '../../../src/core/training/runEnding.ts';

describe('a run that ended with an error', () => {
  it.each(['CANCELLED', 'TRAINING_DIVERGED'] as const)('is given up after %s', (code) => {
    expect(isGivenUp(code)).toBe(true);
  });

  it.each(['OUT_OF_MEMORY', 'IO_ERROR', 'JOB_CRASHED', 'TRAINING_FAILED', undefined] as const)(
    'can be gone on with after %s',
    (code) => {
      expect(isGivenUp(code)).toBe(false);
    },
  );

  it('says what is kept', () => {
    expect(failedStatus('The disk is full.', 0)).toBe('The disk is full. The model in use is as it was.');
    expect(failedStatus('The disk is full.', 1)).toMatch(/in the first epoch is kept: run .* to go on/);
    expect(failedStatus('The disk is full.', 4)).toMatch(/in 4 epochs is kept/);
  });
});
