import { type ChildProcess, fork } from 'node:child_process';

export interface ForkOptions {
  /** Options of Node, such as a limit of its heap. */
  readonly execArgv?: readonly string[];
  /** Environment variables beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts one of our worker bundles as a plain Node process, from VS Code's Electron too; typed arrays pass unharmed. */
export function forkNode(workerPath: string, { execArgv = [], env = {} }: ForkOptions = {}): ChildProcess {
  // VS Code's own variables stay out of the child, and Electron is told to be plain Node.
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VSCODE_')));
  return fork(workerPath, [], {
    serialization: 'advanced',
    execArgv: [...execArgv],
    env: { ...own, ...env, ELECTRON_RUN_AS_NODE: '1' },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
}
