import { existsSync } from 'node:fs';
import path from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

/** The names install.sh looks for on PATH. */
const executableNames = ['chromium', 'chromium-browser', 'google-chrome'];

/** Wide, because rows of a CSV are long and VS Code renders no decoration that lies outside of the view. */
const viewport = { width: 1600, height: 900 };

/** A page of VS Code and what it asked for. */
export interface WatchedPage {
  readonly page: Page;
  /** URLs outside the loopback interface that the page asked for, in order. Every one was refused. */
  readonly outsideRequests: readonly string[];
}

/**
 * Starts the system's Chromium without a window. It ends with this process.
 *
 * @throws Error when there is none: install.sh installs it.
 */
export async function launchBrowser(): Promise<Browser> {
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  const executablePath = executableNames
    .flatMap((name) => folders.map((folder) => path.join(folder, name)))
    .find((executable) => existsSync(executable));
  if (executablePath === undefined) throw new Error('Chromium is missing: run test/vscode/install.sh');
  return chromium.launch({
    executablePath,
    headless: true,
    // ProcessGroups answers signals, for the servers and for the browser.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // Also stops what request routing does not see: service workers and web sockets.
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
    ],
  });
}

/** Opens an empty page in a browser profile of its own. Close it with `page.context().close()`. */
export async function openPage(browser: Browser): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.setDefaultNavigationTimeout(30_000);
  const outsideRequests: string[] = [];
  await context.route(
    (url) => /^https?:$/.test(url.protocol) && !['127.0.0.1', 'localhost'].includes(url.hostname),
    (route) => {
      outsideRequests.push(route.request().url());
      return route.abort();
    },
  );
  page.on('websocket', (socket) => {
    if (!['127.0.0.1', 'localhost'].includes(new URL(socket.url()).hostname)) outsideRequests.push(socket.url());
  });
  return { page, outsideRequests };
}
