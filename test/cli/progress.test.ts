import { performance } from 'node:perf_hooks';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Progress } from '../../src/cli/progress.ts';

/** A stream that may pass for a terminal, and what was written to it. */
function screen(isTTY: boolean): { stream: NodeJS.WriteStream; written: () => string } {
  const stream = Object.assign(new PassThrough(), { isTTY }) as unknown as NodeJS.WriteStream & PassThrough;
  return { stream, written: () => String(stream.read() ?? '') };
}

describe('Progress', () => {
  let nowMs = 0;

  beforeEach(() => {
    nowMs = 60_000;
    vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('draws a bar on a terminal, and takes it away', () => {
    const { stream, written } = screen(true);
    const progress = new Progress('predict', stream);
    progress.update(1_234, 0.5);
    expect(written()).toBe('\r[############............] predict: 50 %, 1,234 records\u001b[K');
    progress.end();
    progress.end();
    expect(written()).toBe('\r\u001b[K');
  });

  it('has no bar where the size of the input is not known', () => {
    const { stream, written } = screen(true);
    new Progress('predict', stream).update(7);
    expect(written()).toBe('\rpredict: 7 records\u001b[K');
  });

  it.each([
    [0, '[........................] predict: 0 %, '],
    [1, '[########################] predict: 100 %, '],
    [1.2, '] predict: 100 %, '],
  ])('keeps the bar within its width at %d', (fraction, expected) => {
    const { stream, written } = screen(true);
    new Progress('predict', stream).update(1, fraction);
    expect(written()).toContain(expected);
  });

  it('writes plain lines elsewhere, one in five seconds', () => {
    const { stream, written } = screen(false);
    const progress = new Progress('tokens', stream);
    progress.update(1, 0.1);
    nowMs += 4_999;
    progress.update(2, 0.2);
    nowMs += 1;
    progress.update(3, 0.3);
    expect(written()).toBe('tokens: 10 %, 1 records\ntokens: 30 %, 3 records\n');
  });

  it('writes a note in place of the bar', () => {
    const { stream, written } = screen(true);
    const progress = new Progress('predict', stream);
    progress.update(1, 0);
    written();
    progress.note('done');
    expect(written()).toBe('\r\u001b[Kdone\n');
  });
});
