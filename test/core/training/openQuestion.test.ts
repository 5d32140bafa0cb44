import { describe, expect, it } from 'vitest';
import { OpenQuestion } from '../../../src/core/training/openQuestion.ts';

describe('OpenQuestion', () => {
  const done = async () => {};

  it('is closed by an answer that was carried out', async () => {
    const question = new OpenQuestion<string>();
    question.ask('a');
    expect(await question.answer(done)).toBe('a');
    expect(question.asked).toBeUndefined();
    expect(await question.answer(done)).toBeUndefined();
  });

  it('stays open where the answer failed, so that it can be given again', async () => {
    const question = new OpenQuestion<string>();
    question.ask('a');
    await expect(question.answer(() => Promise.reject(new Error('settings.json')))).rejects.toThrow('settings.json');
    expect(question.asked).toBe('a');
    expect(await question.answer(done)).toBe('a');
  });

  it('passes over an answer while another one is carried out', async () => {
    const question = new OpenQuestion<string>();
    question.ask('a');
    const carriedOut: string[] = [];
    const first = question.answer(async () => void carriedOut.push('first'));
    expect(await question.answer(async () => void carriedOut.push('second'))).toBeUndefined();
    expect(await first).toBe('a');
    expect(carriedOut).toEqual(['first']);
  });

  it('leaves the question open that came up meanwhile', async () => {
    const question = new OpenQuestion<string>();
    question.ask('a');
    expect(await question.answer(async () => question.ask('b'))).toBeUndefined();
    expect(question.asked).toBe('b');
  });
});
