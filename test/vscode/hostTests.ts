import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { openPage } from './browser.ts';
import { within } from './eventually.ts';
import type { Profile } from './profile.ts';
import { parseResults, type TestResult } from './results.ts';
import type { VscodeServer } from './server.ts';
import type { HostTestVariables } from './suite/variables.ts';
import type { VscodeKind } from './versions.ts';

/** What `hostTestVariables` and `runHostTests` need to agree on. */
export interface HostTestRun {
  readonly kind: VscodeKind;
  readonly profile: Profile;
  /** Runs only tests whose full title contains this text. */
  readonly grep?: string;
  readonly repositoryRoot: string;
}

/** The variables to start the server with, so that the suites in its extension host find them. */
export function hostTestVariables({ kind, profile, grep, repositoryRoot }: HostTestRun): HostTestVariables {
  return {
    CASELIGHT_TEST_VSCODE: kind,
    CASELIGHT_TEST_RESULTS: resultsFile(profile),
    CASELIGHT_TEST_WORKSPACE: profile.workspace,
    CASELIGHT_TEST_REPOSITORY: repositoryRoot,
    CASELIGHT_TEST_GREP: grep ?? '',
  };
}

/**
 * Runs mocha suites inside the extension host and returns their results. A run that ends badly by itself, by the time limit
 * or with a status that its results do not explain, adds a failed result of its own.
 *
 * @param entry absolute path of the bundled suite/index.js.
 * @param failureScreenshot where to put a picture of the window if anything failed.
 */
export async function runHostTests(
  { profile }: HostTestRun,
  server: VscodeServer,
  browser: Browser,
  entry: string,
  failureScreenshot: string,
  limitMs = 600_000,
): Promise<TestResult[]> {
  const { page, outsideRequests } = await openPage(browser);
  try {
    const exited = new Promise<number>((resolve) => {
      // VS Code for the web calls these two by name when a test runner drives it.
      void page.exposeFunction('codeAutomationExit', resolve);
      void page.exposeFunction('codeAutomationLog', () => undefined);
    });
    const url = workbenchUrl(server, profile, entry);
    const start = performance.now();
    const problem = await within('the suites', limitMs, async () => {
      await page.goto(url);
      return `the extension host ended with status ${await exited}`;
    }).catch((failure: unknown) => (failure instanceof Error ? failure.message : String(failure)));

    const results = existsSync(resultsFile(profile)) ? parseResults(readFileSync(resultsFile(profile), 'utf8')) : [];
    const runFailures = outsideRequests.map((outside) => `the window asked for ${outside}`);
    const explained = results.some(({ state }) => state === 'failed') ? /status 1$/ : /status 0$/;
    if (!explained.test(problem)) runFailures.push(problem);
    for (const message of runFailures) {
      results.push({ title: 'the run of the suites', state: 'failed', durationMs: performance.now() - start, message });
    }
    if (results.some(({ state }) => state === 'failed')) {
      await page.screenshot({ path: failureScreenshot, timeout: 5_000 }).catch(() => undefined);
    }
    return results;
  } finally {
    await page.context().close();
  }
}

function resultsFile(profile: Profile): string {
  return path.join(profile.folder, 'results.jsonl');
}

function workbenchUrl({ authority }: VscodeServer, profile: Profile, entry: string): string {
  const remote = (file: string) => `vscode-remote://${authority}${file}`;
  const payload = [
    ['extensionDevelopmentPath', remote(companionExtension(profile))],
    ['extensionTestsPath', remote(entry)],
    ['skipWelcome', 'true'],
    ['skipReleaseNotes', 'true'],
  ];
  const query = new URLSearchParams({ folder: profile.workspace, payload: JSON.stringify(payload) });
  return `http://${authority}/?${query}`;
}

/**
 * VS Code runs tests only beside an extension under development. Ours is the installed package, so this one has no code: it
 * declares the language ids that Rainbow CSV brings.
 */
function companionExtension(profile: Profile): string {
  const folder = path.join(profile.folder, 'companion-extension');
  mkdirSync(folder, { recursive: true });
  const languages = ['csv (semicolon)', 'csv (pipe)', 'dynamic csv'].map((id) => ({ id }));
  const manifest = {
    name: 'companion',
    publisher: 'caselight-tests',
    version: '0.0.1',
    engines: { vscode: '^1.100.0' },
    contributes: { languages },
  };
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest));
  return folder;
}
