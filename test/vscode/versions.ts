import path from 'node:path';

/** Which of the two VS Codes a test runs in: the newest, or the oldest that `engines.vscode` promises. */
export type VscodeKind = 'new' | 'old';

/** One VS Code as install.sh left it on disk. */
export interface VscodeInstall {
  readonly kind: VscodeKind;
  /** What a person calls it, such as `VS Code 1.139.1`. */
  readonly label: string;
  /** Absolute path of the Node executable that runs the server and the extension host. */
  readonly node: string;
  /** Absolute path of code-server's entry script. */
  readonly entry: string;
  /** Options only this version of code-server understands. */
  readonly serverArguments: readonly string[];
  /**
   * More of them, for a server whose extension host shall run suites: the newest VS Code heeds `extensionTestsPath` only
   * under its smoke-test driver.
   */
  readonly hostTestArguments: readonly string[];
}

/**
 * The folder install.sh fills.
 *
 * @param environment the variables install.sh saw; `CASELIGHT_VSCODE_DIR` wins over `XDG_CACHE_HOME`.
 */
export function installRoot(environment: NodeJS.ProcessEnv): string {
  const cache = environment.XDG_CACHE_HOME || path.join(environment.HOME ?? '', '.cache');
  return environment.CASELIGHT_VSCODE_DIR || path.join(cache, 'caselight-vscode');
}

/**
 * Where one version lies below `root`. The code-server versions are those install.sh names; code-server numbers its
 * releases after the VS Code inside: 4.139.1 is VS Code 1.139.1.
 */
export function vscodeInstall(kind: VscodeKind, root: string): VscodeInstall {
  const codeServer = { new: '4.139.1', old: '4.100.3' }[kind];
  const folder = path.join(root, `code-server-${codeServer}`);
  return {
    kind,
    label: `VS Code ${codeServer.replace(/^4/, '1')}`,
    node: path.join(folder, 'node'),
    entry: path.join(folder, 'node_modules/code-server/out/node/entry.js'),
    serverArguments: kind === 'new' ? ['--reconnection-grace-time', '5'] : [],
    hostTestArguments: kind === 'new' ? ['--vscode-option', 'enable-smoke-test-driver'] : [],
  };
}
