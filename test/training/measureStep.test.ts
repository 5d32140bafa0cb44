import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { notebookRecipe } from '../../src/core/training/trainingRecipe.ts';
import { measureStep } from '../../src/training/measureStep.ts';
import { trainingRecords } from '../support/trainingRecords.ts';

const run = {
  base: path.resolve('test/fixtures/architectures/bert'),
  records: trainingRecords(60),
  recipe: { ...notebookRecipe, maxLength: 24 },
  engine: 'auto',
  threads: 1,
  tensorflowRoot: 'none',
} as const;

describe('measureStep', () => {
  it('tells seconds a token, and tokens a text', async () => {
    const { secondsPerToken, meanTokens, layerCount } = await measureStep(run);
    expect(secondsPerToken).toBeGreaterThan(0);
    expect(meanTokens).toBeGreaterThan(3);
    expect(meanTokens).toBeLessThanOrEqual(24);
    expect(layerCount).toBe(2);
  });

  it('stops where it is cancelled meanwhile, also among many texts', async () => {
    const abort = new AbortController();
    const measured = measureStep({ ...run, records: trainingRecords(20_000) }, abort.signal);
    await delay(50);
    abort.abort();
    await expect(measured).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
