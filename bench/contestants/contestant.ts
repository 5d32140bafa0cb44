import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { peakBytes } from '../processMemory.ts';
import type { Answer, ContestantSettings, Mode, Request } from './messages.ts';

const CHILD = 'dist/bench/contestants/contestant.child.cjs';

/** A process that has loaded a model and classifies the texts of its settings when asked. */
export class Contestant {
  private constructor(
    private readonly child: ChildProcess,
    /** From the start of the process until the model can classify. */
    readonly loadSeconds: number,
  ) {}

  static async start(settings: ContestantSettings): Promise<Contestant> {
    const start = performance.now();
    const child = fork(CHILD, { serialization: 'advanced', env: { ...process.env, ORT_DISABLE_TELEMETRY: '1' } });
    await ask(child, { type: 'load', ...settings });
    return new Contestant(child, (performance.now() - start) / 1_000);
  }

  async classify(mode: Mode): Promise<void> {
    await ask(this.child, { type: 'classify', mode });
  }

  async logits(): Promise<readonly Float32Array[]> {
    const { logits } = await ask(this.child, { type: 'logits' });
    if (logits === undefined) throw new Error('a contestant gave no logits');
    return logits;
  }

  /** Most memory it has held so far, in bytes. */
  peakBytes(): number | undefined {
    return peakBytes(this.child.pid ?? 0);
  }

  async stop(): Promise<void> {
    const exit = once(this.child, 'exit');
    this.child.disconnect();
    await exit;
  }
}

async function ask(child: ChildProcess, request: Request): Promise<Extract<Answer, { type: 'done' }>> {
  const answer = await new Promise<Answer>((resolve, reject) => {
    const onExit = () => reject(new Error('the process of a contestant ended'));
    child.once('exit', onExit);
    child.once('message', (message: Answer) => {
      child.off('exit', onExit);
      resolve(message);
    });
    child.send(request);
  });
  if (answer.type === 'failed') throw new Error(answer.message);
  return answer;
}
