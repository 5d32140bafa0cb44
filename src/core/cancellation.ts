import { UserError } from './userError.ts';

/** What a cancelled piece of work ends with; it is never shown. */
export function cancelled(): UserError {
  return new UserError('CANCELLED', 'Cancelled.');
}

/** @throws UserError CANCELLED once the signal is aborted */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw cancelled();
}
