/** The stack of an error with those of its causes, for a log. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\nCaused by: ${describeError(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
