import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Harness } from './harness.ts';
import { ProcessGroups } from './processGroups.ts';
import { formatResult, formatTotals, type TestResult } from './results.ts';
import { isScenario, type Scenario } from './scenario.ts';
import { installRoot, type VscodeKind, vscodeInstall } from './versions.ts';

/** What run.mjs found out and was asked for. */
export interface RunnerOptions {
  readonly repositoryRoot: string;
  /** Where the bundles of the suites (`suite/`) and the scenarios (`ui/`) lie, absolute. */
  readonly bundles: string;
  readonly vsix: string;
  readonly kinds: readonly VscodeKind[];
  /** Runs only tests whose full title, or scenarios whose name, contains this text. */
  readonly grep?: string;
}

/**
 * Runs everything in every VS Code asked for, printing a line a test and the totals at the end.
 *
 * @returns the exit status: 1 when anything failed, or when nothing ran at all.
 */
export async function runAll({ repositoryRoot, bundles, vsix, kinds, grep }: RunnerOptions): Promise<0 | 1> {
  const failuresFolder = path.join(repositoryRoot, 'out/vscode-failures');
  rmSync(failuresFolder, { recursive: true, force: true });
  const scenarios = (await loadScenarios(path.join(bundles, 'ui'))).filter(({ name }) => name.includes(grep ?? ''));
  const processGroups = new ProcessGroups();
  const temporaryFolder = mkdtempSync(path.join(os.tmpdir(), 'caselight-vscode-'));
  const removeTemporaryFolder = () => rmSync(temporaryFolder, { recursive: true, force: true, maxRetries: 3 });
  // After the process groups' own listener, which ends those that write there.
  process.on('exit', removeTemporaryFolder);
  const results: TestResult[] = [];
  try {
    for (const kind of kinds) {
      const install = vscodeInstall(kind, installRoot(process.env));
      const report = (result: TestResult) => {
        results.push(result);
        console.log(formatResult(install.label, result));
      };
      const folders = { repositoryRoot, failuresFolder, temporaryFolder };
      const harness = await Harness.create({ install, vsix, processGroups, ...folders });
      try {
        for (const result of await harness.runSuites(path.join(bundles, 'suite/index.js'), grep)) report(result);
        for (const scenario of scenarios) report(await harness.runScenario(scenario));
      } finally {
        await harness.dispose();
      }
    }
  } finally {
    processGroups.dispose();
    removeTemporaryFolder();
    process.off('exit', removeTemporaryFolder);
  }
  console.log(formatTotals(results));
  if (results.length === 0) console.error(`No test matches ${JSON.stringify(grep)}.`);
  return results.length === 0 || results.some(({ state }) => state === 'failed') ? 1 : 0;
}

async function loadScenarios(folder: string): Promise<Scenario[]> {
  const scenarios: Scenario[] = [];
  for (const name of readdirSync(folder).sort()) {
    if (!name.endsWith('.scenario.mjs')) continue;
    const { scenario }: { scenario?: unknown } = await import(pathToFileURL(path.join(folder, name)).href);
    if (!isScenario(scenario)) throw new Error(`${name} exports no scenario {name, run}`);
    scenarios.push(scenario);
  }
  return scenarios;
}
