import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { openPage } from './browser.ts';
import type { VscodeServer } from './server.ts';
import type { VscodeKind } from './versions.ts';

/** A step of a scenario that did not happen. The message says which, why, and where its screenshot lies. */
export class StepFailure extends Error {
  override readonly name = 'StepFailure';
}

/** One VS Code window in a browser page. The functions that drive it lie in files of their own: palette.ts and so on. */
export class VscodeWindow {
  /** What is being tried now, outermost first. */
  readonly #steps: string[] = [];

  constructor(
    readonly page: Page,
    readonly kind: VscodeKind,
    /** URLs outside the loopback interface that the window asked for and was refused. */
    readonly outsideRequests: readonly string[],
    private readonly failureScreenshot: string,
  ) {}

  /**
   * Runs one step. Steps may nest; the innermost that fails tells.
   *
   * @param what completes "Could not ...".
   * @throws StepFailure after taking a screenshot.
   */
  async step<T>(what: string, action: () => Promise<T>): Promise<T> {
    const depth = this.#steps.push(what);
    try {
      return await action();
    } catch (cause) {
      if (cause instanceof StepFailure) throw cause;
      // A time limit around several steps passes in the middle of one.
      const underWay = this.#steps.slice(depth).map((inner) => `, while trying to ${inner}`);
      const problem = `Could not ${what}: ${reasonOf(cause)}${underWay.join('')}`;
      throw new StepFailure(`${problem}\n${await this.#shoot()}`, { cause });
    } finally {
      this.#steps.length = depth - 1;
    }
  }

  /** Takes a picture of the whole window as PNG. */
  async screenshot(file: string): Promise<void> {
    await this.page.screenshot({ path: file, timeout: 5_000 });
  }

  async #shoot(): Promise<string> {
    try {
      await this.screenshot(this.failureScreenshot);
      return `Screenshot: ${path.relative(process.cwd(), this.failureScreenshot)}`;
    } catch (failure) {
      return `No screenshot: ${failure instanceof Error ? failure.message : failure}`;
    }
  }

  /** Closes the page and its browser profile. */
  async close(): Promise<void> {
    await this.page.context().close();
  }
}

/** Playwright's messages are coloured and followed by a log of every try; the first lines of it tell enough. */
function reasonOf(cause: unknown): string {
  const message = stripVTControlCharacters(cause instanceof Error ? cause.message : String(cause));
  return message.trim().split('\n').slice(0, 8).join('\n');
}

/** What to open a window with. */
export interface WindowOptions {
  readonly browser: Browser;
  readonly server: VscodeServer;
  readonly kind: VscodeKind;
  /** The folder to open, absolute. */
  readonly workspace: string;
  /** Where the screenshot of a failed step goes. */
  readonly failureScreenshot: string;
}

/** Opens the workspace and waits, up to 60 s, until the workbench and its explorer stand. */
export async function openWindow(options: WindowOptions): Promise<VscodeWindow> {
  const { page, outsideRequests } = await openPage(options.browser);
  const window = new VscodeWindow(page, options.kind, outsideRequests, options.failureScreenshot);
  await window.step('open the workbench', async () => {
    await page.goto(`http://${options.server.authority}/?folder=${encodeURIComponent(options.workspace)}`);
    await page.locator('.monaco-workbench .part.statusbar').waitFor({ timeout: 60_000 });
    await page.locator('.explorer-folders-view .monaco-list').waitFor({ timeout: 30_000 });
  });
  return window;
}
