import type { CommandOptions } from './options.ts';
import type { Progress } from './progress.ts';

/** What every command gets. */
export interface CommandContext {
  readonly options: CommandOptions;
  /** Aborted by SIGINT, SIGTERM or SIGHUP. */
  readonly signal: AbortSignal;
  /** What aborted it: a person with SIGINT, or the system, a scheduler or a terminal that was closed. */
  readonly stoppedBy: () => NodeJS.Signals | undefined;
  readonly progress: Progress;
}
