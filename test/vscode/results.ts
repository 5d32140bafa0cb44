/** How one test ended. */
export interface TestResult {
  /** Describe titles and the test's own, joined by spaces; or a scenario's name. */
  readonly title: string;
  readonly state: 'passed' | 'failed' | 'skipped';
  readonly durationMs: number;
  /** Why it failed or was skipped. */
  readonly message?: string;
}

/**
 * Reads what the extension host's reporter wrote: one result a line, as JSON. A last line without its line end, of a run
 * that was killed while it wrote, is left out.
 *
 * @throws Error for a line that is no result.
 */
export function parseResults(lines: string): TestResult[] {
  return lines
    .split('\n')
    .slice(0, -1)
    .map((line, index) => {
      const value: unknown = JSON.parse(line);
      if (!isTestResult(value)) throw new Error(`line ${index + 1} of the results is no test result`);
      return value;
    });
}

function isTestResult(value: unknown): value is TestResult {
  if (typeof value !== 'object' || value === null) return false;
  const { title, state, durationMs, message } = value as Partial<Record<keyof TestResult, unknown>>;
  return (
    typeof title === 'string' &&
    (state === 'passed' || state === 'failed' || state === 'skipped') &&
    typeof durationMs === 'number' &&
    (message === undefined || typeof message === 'string')
  );
}

/** The line a person reads for one result. */
export function formatResult(where: string, { title, state, durationMs, message }: TestResult): string {
  const mark = { passed: 'ok  ', failed: 'FAIL', skipped: 'skip' }[state];
  const line = `${mark} [${where}] ${title} (${formatDuration(durationMs)})`;
  return message === undefined ? line : `${line}\n${message.replace(/^/gm, '       ')}`;
}

function formatDuration(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

/** The closing line, `N passed, N failed, N skipped`. */
export function formatTotals(results: readonly TestResult[]): string {
  const count = (state: TestResult['state']) => results.filter((result) => result.state === state).length;
  return `${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`;
}
