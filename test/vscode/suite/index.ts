import { appendFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import Mocha from 'mocha';
import type { TestResult } from '../results.ts';
import { hostTestVariable } from './variables.ts';

/**
 * What VS Code calls in its extension host: runs every `*.test.js` beside this bundle and appends each result to
 * `CASELIGHT_TEST_RESULTS` as it comes, so that a run that hangs still tells how far it got.
 *
 * @throws Error when a test fails; VS Code then reports status 1.
 */
export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', timeout: 30_000, reporter: JsonLinesReporter });
  const grep = hostTestVariable('CASELIGHT_TEST_GREP');
  if (grep !== '') mocha.fgrep(grep);
  for (const name of readdirSync(__dirname).sort()) {
    if (name.endsWith('.test.js')) mocha.addFile(path.join(__dirname, name));
  }
  const failures = await new Promise<number>((resolve) => mocha.run(resolve)).catch((failure: unknown) => {
    // A suite that cannot even be loaded has no test to fail.
    const message = failure instanceof Error ? (failure.stack ?? failure.message) : String(failure);
    writeResult({ title: 'loading the suites', state: 'failed', durationMs: 0, message });
    return 1;
  });
  if (failures > 0) throw new Error(`${failures} tests failed`);
}

function writeResult(result: TestResult): void {
  appendFileSync(hostTestVariable('CASELIGHT_TEST_RESULTS'), `${JSON.stringify(result)}\n`);
}

class JsonLinesReporter extends Mocha.reporters.Base {
  constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
    super(runner, options);
    const { EVENT_TEST_PASS, EVENT_TEST_FAIL, EVENT_TEST_PENDING } = Mocha.Runner.constants;
    runner.on(EVENT_TEST_PASS, (test) => {
      writeResult({ title: test.fullTitle(), state: 'passed', durationMs: test.duration ?? 0 });
    });
    // A hook that fails comes here too, named `"before all" hook ...`.
    runner.on(EVENT_TEST_FAIL, (test, failure: Error) => {
      const message = failure.stack ?? failure.message;
      writeResult({ title: test.fullTitle(), state: 'failed', durationMs: test.duration ?? 0, message });
    });
    runner.on(EVENT_TEST_PENDING, (test) => writeResult({ title: test.fullTitle(), state: 'skipped', durationMs: 0 }));
  }
}
