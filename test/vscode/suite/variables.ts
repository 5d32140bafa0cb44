/** What the runner tells the suites, by environment variable of the extension host. */
export type HostTestVariables = Readonly<
  Record<
    | 'CASELIGHT_TEST_VSCODE'
    | 'CASELIGHT_TEST_RESULTS'
    | 'CASELIGHT_TEST_WORKSPACE'
    | 'CASELIGHT_TEST_REPOSITORY'
    | 'CASELIGHT_TEST_GREP',
    string
  >
>;

/**
 * Reads one of them.
 *
 * @throws Error outside of a run by test/vscode/run.mjs.
 */
export function hostTestVariable(name: keyof HostTestVariables): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: suites are run by test/vscode/run.mjs`);
  return value;
}
