import type { CommandOptions } from './options.ts';
import type { Progress } from './progress.ts';

/** What every command gets. */
export interface CommandContext {
  readonly options: CommandOptions;
  /** Aborted by SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  readonly progress: Progress;
}
