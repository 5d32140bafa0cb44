import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UserError } from '../../src/core/userError.ts';
import type { InferenceBackend, PredictOptions } from '../../src/inference/backend.ts';
import { PredictionPump, type WorkItem, type WorkSource } from '../../src/inference/predictionPump.ts';
import { PredictionStore } from '../../src/inference/predictionStore.ts';

/** Answers at once; what it was asked, call by call, is in `calls`. */
class FakeBackend implements InferenceBackend {
  readonly calls: string[][] = [];
  failure: Error | undefined;
  gate: Promise<void> | undefined;

  async start(): Promise<void> {}

  async predict(texts: readonly string[], { signal, onResults }: PredictOptions): Promise<void> {
    this.calls.push([...texts]);
    await this.gate;
    if (signal?.aborted) throw new UserError('CANCELLED', 'Cancelled.');
    if (this.failure) throw this.failure;
    onResults(
      texts.map((text, index) => ({ index, logits: Float32Array.of(text.length, 0), truncated: false, tokenCount: 3 })),
    );
  }

  async dispose(): Promise<void> {}
}

class FakeSource implements WorkSource {
  notified = 0;

  constructor(
    readonly store: PredictionStore,
    public texts: string[],
  ) {}

  async nextWork(limit: number): Promise<WorkItem[]> {
    const items = this.texts.map((text) => ({ hash: Buffer.from(text.padEnd(32)).toString('hex'), text }));
    return items.filter(({ hash }) => this.store.get(hash) === undefined).slice(0, limit);
  }

  onPredictions(): void {
    this.notified++;
  }
}

describe('PredictionPump', () => {
  let folder: string;
  let store: PredictionStore;
  let backend: FakeBackend;
  let errors: unknown[];
  let pump: PredictionPump;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'caselight-pump-'));
    store = await PredictionStore.open(join(folder, 'store.bin'), 2);
    backend = new FakeBackend();
    errors = [];
    pump = new PredictionPump(backend, store, (error) => errors.push(error));
  });
  afterEach(async () => {
    await pump.dispose();
    rmSync(folder, { recursive: true });
  });

  const texts = (name: string, count: number) => Array.from({ length: count }, (_, i) => `${name} ${i}`);

  it('predicts everything once, a small portion first', async () => {
    const source = new FakeSource(store, texts('a', 100));
    pump.add(source);
    await pump.idle();
    expect(backend.calls.map((call) => call.length)).toEqual([16, 64, 20]);
    expect(new Set(backend.calls.flat())).toEqual(new Set(source.texts));
    expect(source.notified).toBeGreaterThanOrEqual(3);
  });

  it('asks again before each portion, so what became urgent goes next', async () => {
    const source = new FakeSource(store, texts('a', 200));
    let open = () => {};
    backend.gate = new Promise((resolve) => {
      open = resolve;
    });
    pump.add(source);
    await expect.poll(() => backend.calls.length).toBe(1);
    source.texts = ['came into view', ...source.texts];
    open();
    await pump.idle();
    expect(backend.calls[1]?.[0]).toBe('came into view');
  });

  it('serves the source that was prioritised last first', async () => {
    const [a, b] = [new FakeSource(store, texts('a', 5)), new FakeSource(store, texts('b', 5))];
    let open = () => {};
    backend.gate = new Promise((resolve) => {
      open = resolve;
    });
    pump.add(new FakeSource(store, ['busy']));
    await expect.poll(() => backend.calls.length).toBe(1);
    pump.add(a);
    pump.add(b);
    pump.prioritise(a);
    open();
    await pump.idle();
    expect(backend.calls.slice(1).map(([first]) => first)).toEqual(['a 0', 'b 0']);
  });

  it('takes up work that comes while it runs', async () => {
    const source = new FakeSource(store, ['one']);
    pump.add(source);
    source.texts = ['one', 'two'];
    pump.wake();
    await pump.idle();
    expect(backend.calls.flat().sort()).toEqual(['one', 'two']);
  });

  it('comes to rest although its sources wake it at every prediction', async () => {
    const source = new FakeSource(store, texts('a', 100));
    source.onPredictions = () => {
      source.notified++;
      pump.wake();
    };
    pump.add(source);
    await pump.idle();
    expect(pump.isRunning).toBe(false);
    expect(source.notified).toBeLessThan(10);
  });

  it('tells a source of a text that another one had predicted', async () => {
    const [a, b] = [new FakeSource(store, texts('same', 5)), new FakeSource(store, texts('same', 5))];
    pump.add(a);
    pump.add(b);
    await pump.idle();
    expect(backend.calls.flat()).toHaveLength(5);
    expect(Math.min(a.notified, b.notified)).toBeGreaterThan(0);
  });

  it('tells an error once, rests until asked to retry, and then goes on', async () => {
    backend.failure = new UserError('INFERENCE_CRASHED', 'It crashed.');
    pump.add(new FakeSource(store, ['one']));
    await pump.idle();
    pump.wake();
    await pump.idle();
    expect(errors).toHaveLength(1);
    expect(backend.calls).toHaveLength(1);
    backend.failure = undefined;
    pump.retry();
    await pump.idle();
    expect(backend.calls).toHaveLength(2);
    expect(store.size).toBe(1);
  });

  it('ends quietly when it is disposed in the middle', async () => {
    let open = () => {};
    backend.gate = new Promise((resolve) => {
      open = resolve;
    });
    pump.add(new FakeSource(store, texts('a', 200)));
    await expect.poll(() => backend.calls.length).toBe(1);
    const disposed = pump.dispose();
    open();
    await disposed;
    expect(backend.calls).toHaveLength(1);
    expect(errors).toEqual([]);
  });
});
