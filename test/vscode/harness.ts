import { cpSync, existsSync, mkdirSync, mkdtempSync } from 'node:fs';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { launchBrowser } from './browser.ts';
import { within } from './eventually.ts';
import { hostTestVariables, runHostTests } from './hostTests.ts';
import type { ProcessGroups } from './processGroups.ts';
import { Profile } from './profile.ts';
import type { TestResult } from './results.ts';
import type { Scenario } from './scenario.ts';
import { installVsix, startServer } from './server.ts';
import type { VscodeInstall } from './versions.ts';
import { openWindow } from './window.ts';

/** What a harness is made with. */
export interface HarnessOptions {
  readonly install: VscodeInstall;
  /** The packaged extension under test, absolute. */
  readonly vsix: string;
  readonly repositoryRoot: string;
  /** Where screenshots and logs of what failed go, absolute; made when needed. */
  readonly failuresFolder: string;
  /** Where profiles and the installed extension go while they are needed. */
  readonly temporaryFolder: string;
  readonly processGroups: ProcessGroups;
}

/**
 * Runs tests in one VS Code with the packaged extension in it. The extension is installed once; each run has a server, a
 * profile and a browser profile of its own.
 */
export class Harness {
  private constructor(
    private readonly options: HarnessOptions,
    private readonly browser: Browser,
    private readonly extensionsFolder: string,
  ) {}

  /** Installs the extension and starts a browser. Takes about three seconds; dispose the harness afterwards. */
  static async create(options: HarnessOptions): Promise<Harness> {
    const extensionsFolder = mkdtempSync(path.join(options.temporaryFolder, 'extensions-'));
    const profile = new Profile(options.temporaryFolder);
    installVsix(options.install, profile, extensionsFolder, options.vsix);
    profile.remove();
    return new Harness(options, await launchBrowser(), extensionsFolder);
  }

  /**
   * Runs the mocha suites inside the extension host.
   *
   * @param entry absolute path of the bundled suite/index.js.
   * @param grep only tests whose full title contains this text.
   */
  async runSuites(entry: string, grep?: string): Promise<TestResult[]> {
    const { install, repositoryRoot } = this.options;
    const profile = new Profile(this.options.temporaryFolder);
    const run = { kind: install.kind, profile, repositoryRoot, ...(grep === undefined ? {} : { grep }) };
    try {
      const server = await startServer({
        ...this.options,
        extensionsFolder: this.extensionsFolder,
        profile,
        hostTestVariables: hostTestVariables(run),
      });
      try {
        const results = await runHostTests(run, server, this.browser, entry, this.#failureFile('suites', 'png'));
        if (results.some(({ state }) => state === 'failed')) this.#keepLogs('suites', profile);
        return results;
      } finally {
        await server.stop();
      }
    } finally {
      profile.remove();
    }
  }

  /** Runs one scenario. What goes wrong is in the result; nothing is thrown. */
  async runScenario(scenario: Scenario): Promise<TestResult> {
    const { kind } = this.options.install;
    const reason = scenario.skip?.(kind);
    if (reason !== undefined) return { title: scenario.name, state: 'skipped', durationMs: 0, message: reason };
    const start = performance.now();
    const profile = new Profile(this.options.temporaryFolder, scenario.files, scenario.settings);
    const slug = scenario.name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .slice(0, 80);
    try {
      await this.#runInWindow(scenario, profile, this.#failureFile(slug, 'png'));
      return { title: scenario.name, state: 'passed', durationMs: performance.now() - start };
    } catch (failure) {
      this.#keepLogs(slug, profile);
      const message = failure instanceof Error ? (failure.stack ?? failure.message) : String(failure);
      return { title: scenario.name, state: 'failed', durationMs: performance.now() - start, message };
    } finally {
      profile.remove();
    }
  }

  async #runInWindow(scenario: Scenario, profile: Profile, failureScreenshot: string): Promise<void> {
    const { install, repositoryRoot } = this.options;
    const { kind } = install;
    const server = await startServer({ ...this.options, extensionsFolder: this.extensionsFolder, profile });
    try {
      const { browser } = this;
      const window = await openWindow({ browser, server, kind, workspace: profile.workspace, failureScreenshot });
      try {
        // As a step, so that a failed assertion leaves a screenshot too.
        await window.step('get through the scenario', () =>
          within('the scenario', scenario.limitMs ?? 120_000, () =>
            scenario.run({ kind, window, profile, repositoryRoot }),
          ),
        );
        const [outside] = window.outsideRequests;
        if (outside !== undefined) throw new Error(`The window asked for ${outside}; it may talk to this machine only`);
      } finally {
        await window.close();
      }
    } finally {
      await server.stop();
    }
  }

  /** Closes the browser. */
  async dispose(): Promise<void> {
    await this.browser.close();
  }

  #failureFile(name: string, extension: string): string {
    return path.join(this.options.failuresFolder, `${this.options.install.kind}-${name}.${extension}`);
  }

  #keepLogs(name: string, profile: Profile): void {
    mkdirSync(this.options.failuresFolder, { recursive: true });
    cpSync(profile.serverLog, this.#failureFile(name, 'server.log'), { force: true });
    if (existsSync(profile.logs)) cpSync(profile.logs, this.#failureFile(name, 'logs'), { recursive: true });
  }
}
