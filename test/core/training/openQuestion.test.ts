import { describe, expect, it } from 'vitest';
import { OpenQuestion } from '../../../src/core/training/openQuestion.ts';

describe('OpenQuestion', () => {
  const done = async () => {};
  const asking = (model: string) => {
    const question = new OpenQuestion<string>();
    question.ask(model);
    return question;
  };

  it('is closed by an answer that was carried out', async () => {
    const question = asking('a');
    expect(await question.answer('a', done)).toBe('closed');
    expect(question.asked).toBeUndefined();
  });

  it('stays open where the answer failed, so that it can be given again', async () => {
    const question = asking('a');
    const failing = () => Promise.reject(new Error('settings.json'));
    await expect(question.answer('a', failing)).rejects.toThrow('settings.json');
    expect(question.asked).toBe('a');
    expect(await question.answer('a', done)).toBe('closed');
  });

  it('passes over an answer while another one is carried out', async () => {
    const question = asking('a');
    const carriedOut: string[] = [];
    const first = question.answer('a', async () => void carriedOut.push('first'));
    expect(await question.answer('a', async () => void carriedOut.push('second'))).toBe('passed over');
    expect(await first).toBe('closed');
    expect(carriedOut).toEqual(['first']);
  });

  it('carries out what is said late about an older model, and stays open for the newer one', async () => {
    const question = asking('a');
    question.ask('b');
    const used: string[] = [];
    expect(await question.answer('a', async () => void used.push('a'))).toBe('late');
    expect(used).toEqual(['a']);
    expect(question.asked).toBe('b');
  });

  it('stays open for a model that is asked about meanwhile', async () => {
    const question = asking('a');
    expect(await question.answer('a', async () => question.ask('b'))).toBe('late');
    expect(question.asked).toBe('b');
  });
});
