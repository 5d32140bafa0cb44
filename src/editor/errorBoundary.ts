import { type LogOutputChannel, window } from 'vscode';
import { describeError } from '../core/describeError.ts';
import { UserError } from '../core/userError.ts';

/** The one place where errors become something a person sees: a sentence on screen, the rest in the log. */
export class ErrorBoundary {
  constructor(readonly log: LogOutputChannel) {}

  /** Shows a UserError's sentence; anything else as a defect. Silent when something was cancelled. */
  show(error: unknown): void {
    if (isCancellation(error)) return;
    this.logError(error);
    const message =
      error instanceof UserError
        ? error.message
        : 'Caselight met an unexpected error; the log tells more. Please report it.';
    void window.showErrorMessage(message, 'Show Log').then((choice) => choice && this.log.show());
  }

  /** For what happens in the background, where a message would only disturb. */
  logError(error: unknown): void {
    if (isCancellation(error)) return;
    const code = error instanceof UserError ? `[${error.code}] ` : '';
    this.log.error(`${code}${describeError(error)}`);
  }

  /** Runs a command's handler; its errors are shown. */
  run<Args extends unknown[]>(handler: (...args: Args) => unknown): (...args: Args) => Promise<unknown> {
    return async (...args) => {
      try {
        return await handler(...args);
      } catch (error) {
        this.show(error);
        return undefined;
      }
    };
  }
}

export function isCancellation(error: unknown): boolean {
  return error instanceof UserError && error.code === 'CANCELLED';
}
