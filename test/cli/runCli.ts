import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

const CLI = path.resolve(import.meta.dirname, '../../dist/cli.js');

/** A finished run of the command line. */
export interface CliRun {
  /** Exit status; null where a signal ended the process. */
  readonly status: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** What a run may get beside its arguments. */
export interface CliOptions {
  readonly input?: string | Buffer;
  /** Folder of derived models. */
  readonly cache: string;
  /** Variables beside those of this process. */
  readonly env?: NodeJS.ProcessEnv;
}

/** A run of the command line that is under way. */
export type CliProcess = ChildProcessByStdio<Writable, Readable, Readable>;

/**
 * Starts the built command line as a process of its own.
 * @throws Error where it is not built
 */
export function startCli(args: readonly string[], cache: string, env: NodeJS.ProcessEnv = {}): CliProcess {
  if (!existsSync(CLI)) throw new Error('dist/cli.js is not there: run "node esbuild.mjs" first, as "npm test" does.');
  const child = spawn(process.execPath, [CLI, ...args], {
    env: { ...process.env, CASELIGHT_CACHE: cache, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // A process that ends before it has read all of its input is no failure of the test.
  child.stdin.on('error', () => {});
  return child;
}

/** Runs the built command line to its end. */
export async function runCli(args: readonly string[], { input = '', cache, env }: CliOptions): Promise<CliRun> {
  const child = startCli(args, cache, env);
  child.stdin.end(input);
  const [stdout, stderr, status] = await Promise.all([buffer(child.stdout), text(child.stderr), exitOf(child)]);
  return { status, stdout, stderr };
}

/** The exit status of a process; null where a signal ended it, or where it had to be killed after a minute. */
export async function exitOf(child: CliProcess): Promise<number | null> {
  const gone = new AbortController();
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const deadline = delay(60_000, undefined, { signal: gone.signal, ref: false }).then(
    () => child.kill('SIGKILL'),
    () => false,
  );
  const status = await exit;
  gone.abort();
  await deadline;
  return status;
}

/** One value a line, as `--format jsonl` and `tokens` print them. */
export function jsonLines<T>(stdout: Buffer): T[] {
  return stdout
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}
