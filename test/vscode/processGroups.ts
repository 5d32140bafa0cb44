import { eventually } from './eventually.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * The process groups this run has started, ended with it however it ends: a server left behind would hold two cores and a
 * port until the next reboot.
 */
export class ProcessGroups {
  readonly #leaders = new Set<number>();

  /** Starts listening for the end of this process. Make one a run, and `dispose` it. */
  constructor() {
    process.on('exit', this.#killAll);
    for (const signal of signals) process.on(signal, this.#onSignal);
  }

  /** @param leader pid of a process spawned with `detached: true`, which leads a group of its own. */
  add(leader: number): void {
    this.#leaders.add(leader);
  }

  /**
   * Ends one group: asks, waits up to `graceMs`, then kills, and returns when no process of it is left.
   *
   * @throws Error when a process survives SIGKILL for 5 s.
   */
  async end(leader: number, graceMs = 3_000): Promise<void> {
    if (signalGroup(leader, 'SIGTERM')) {
      const gone = () => !signalGroup(leader, 0);
      await eventually(`process group ${leader} to end by itself`, gone, { limitMs: graceMs }).catch(() => {
        signalGroup(leader, 'SIGKILL');
      });
      await eventually(`process group ${leader} to be gone`, gone, { limitMs: 5_000 });
    }
    this.#leaders.delete(leader);
  }

  /** Kills what is left and stops listening. */
  dispose(): void {
    this.#killAll();
    process.off('exit', this.#killAll);
    for (const signal of signals) process.off(signal, this.#onSignal);
  }

  // Synchronous, because an 'exit' handler may not wait.
  readonly #killAll = (): void => {
    for (const leader of this.#leaders) signalGroup(leader, 'SIGKILL');
    this.#leaders.clear();
  };

  readonly #onSignal = (): void => {
    // Chromium goes the same way: playwright-core kills it from its own 'exit' handler.
    process.exit(130);
  };
}

/** Sends `signal` (0 only asks) to a whole group; false where the group has no process any more. */
function signalGroup(leader: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-leader, signal);
    return true;
  } catch (failure) {
    if (failure instanceof Error && 'code' in failure && failure.code === 'ESRCH') return false;
    throw failure;
  }
}
