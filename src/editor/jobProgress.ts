import { join } from 'node:path';
import { ProgressLocation, window, workspace } from 'vscode';
import type { JobName, Jobs } from '../jobs/jobs.ts';
import { runJob } from '../jobs/runJob.ts';
import type { Services } from './services.ts';

/** Does a job and shows how far it is; by default in a notification, where it can be cancelled. */
export async function runJobWithProgress<Name extends JobName>(
  { context, log }: Pick<Services, 'context' | 'log'>,
  title: string,
  name: Name,
  options: Jobs[Name]['options'],
  location: ProgressLocation = ProgressLocation.Notification,
): Promise<Jobs[Name]['result']> {
  return window.withProgress({ location, title, cancellable: true }, async (progress, token) => {
    const abort = new AbortController();
    token.onCancellationRequested(() => abort.abort());
    let shown = 0;
    return runJob(name, options, {
      workerPath: context.asAbsolutePath(join('dist', 'jobWorker.js')),
      signal: abort.signal,
      log: (line) => log.info(line),
      env: proxyVariables(),
      onProgress: ({ message, fraction }) => {
        if (fraction === undefined) progress.report({ message });
        else progress.report({ message, increment: Math.max(0, fraction - shown) * 100 });
        shown = Math.max(shown, fraction ?? 0);
      },
    });
  });
}

/**
 * The proxy of VS Code's settings in the form that other programs know; the variables of the system go along anyway.
 * Programs differ in whether the lower-case or the upper-case name wins.
 */
function proxyVariables(): Record<string, string> {
  const settings = workspace.getConfiguration('http');
  const proxy = settings.get('proxy', '').trim();
  if (proxy === '' || settings.get('proxySupport') === 'off') return {};
  const without = settings.get<string[]>('noProxy', []).join(',');
  const variables = { http_proxy: proxy, https_proxy: proxy, ...(without === '' ? {} : { no_proxy: without }) };
  const upperCase = Object.entries(variables).map(([name, value]) => [name.toUpperCase(), value]);
  return { ...variables, ...Object.fromEntries(upperCase) };
}
