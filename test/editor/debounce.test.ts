import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Debounced } from '../../src/editor/debounce.ts';

describe('Debounced', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('runs once after a burst, when it is over', async () => {
    const action = vi.fn();
    const debounced = new Debounced(action, 100, 1_000);
    for (let i = 0; i < 5; i++) {
      debounced.request();
      await vi.advanceTimersByTimeAsync(50);
    }
    expect(action).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(100);
    expect(action).toHaveBeenCalledTimes(1);
  });

  it('does not wait for the end of a burst that does not end', async () => {
    const action = vi.fn();
    const debounced = new Debounced(action, 100, 250);
    for (let i = 0; i < 20; i++) {
      debounced.request();
      await vi.advanceTimersByTimeAsync(50);
    }
    expect(action.mock.calls.length).toBeGreaterThanOrEqual(3);
    expect(action.mock.calls.length).toBeLessThanOrEqual(5);
  });

  it('runs once more after a run in which it was asked for, and never two at a time', async () => {
    let running = 0;
    let most = 0;
    const action = vi.fn(async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      running--;
    });
    const debounced = new Debounced(action, 10, 20);
    debounced.request();
    await vi.advanceTimersByTimeAsync(100);
    for (let i = 0; i < 10; i++) debounced.request();
    await vi.advanceTimersByTimeAsync(1_000);
    // One that waits must not spin.
    expect(vi.getTimerCount()).toBeLessThanOrEqual(2);
    await vi.advanceTimersByTimeAsync(10_000);
    expect([action.mock.calls.length, most]).toEqual([2, 1]);
  });

  it('passes errors on and goes on', async () => {
    const errors: unknown[] = [];
    const debounced = new Debounced(
      () => Promise.reject(new Error('failed')),
      10,
      10,
      (error) => errors.push(error),
    );
    debounced.request();
    await vi.advanceTimersByTimeAsync(20);
    debounced.request();
    await vi.advanceTimersByTimeAsync(20);
    expect(errors).toHaveLength(2);
  });

  it('does nothing after it is disposed', async () => {
    const action = vi.fn();
    const debounced = new Debounced(action, 10);
    debounced.request();
    debounced.dispose();
    debounced.request();
    await vi.advanceTimersByTimeAsync(100);
    expect(action).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });
});
