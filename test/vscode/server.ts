import { spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { createServer } from 'node:net';
import path from 'node:path';
import { eventually } from './eventually.ts';
import type { ProcessGroups } from './processGroups.ts';
import type { Profile } from './profile.ts';
import type { HostTestVariables } from './suite/variables.ts';
import type { VscodeInstall } from './versions.ts';

/** A running VS Code server. */
export interface VscodeServer {
  /** `127.0.0.1:PORT`; also the authority of its `vscode-remote:` URIs. */
  readonly authority: string;
  /** Ends the server, its extension hosts and all their children; safe to call twice. */
  stop(): Promise<void>;
}

/** What to start a server with. */
export interface ServerOptions {
  readonly install: VscodeInstall;
  readonly profile: Profile;
  /** Where `installVsix` put the extensions. */
  readonly extensionsFolder: string;
  readonly processGroups: ProcessGroups;
  /** Given for a run of suites: variables their extension host shall see on top of this process's own. */
  readonly hostTestVariables?: HostTestVariables;
}

/**
 * Installs a packaged extension, with all its dependencies in it, into `extensionsFolder`. Takes one to two seconds.
 *
 * @throws Error with what the installer printed when it did not succeed.
 */
export function installVsix(install: VscodeInstall, profile: Profile, extensionsFolder: string, vsix: string): void {
  const { status, stdout, stderr } = spawnSync(
    install.node,
    [install.entry, ...profileArguments(profile, extensionsFolder), '--install-extension', vsix, '--force'],
    { env: serverEnvironment(install, profile), encoding: 'utf8', timeout: 120_000 },
  );
  // The exit status is 0 even for a .vsix that cannot be read.
  if (status !== 0 || !`${stdout}${stderr}`.includes('successfully installed')) {
    throw new Error(`${install.label} did not install ${path.basename(vsix)} (status ${status}):\n${stdout}${stderr}`);
  }
}

/**
 * Starts a server on a free port of the loopback interface and waits, up to 30 s, until it answers.
 *
 * @throws Error with the end of the server's log when it does not come up; nothing is left running then.
 */
export async function startServer(options: ServerOptions): Promise<VscodeServer> {
  const { install, profile, extensionsFolder, processGroups, hostTestVariables } = options;
  const authority = `127.0.0.1:${await freePort()}`;
  const log = openSync(profile.serverLog, 'a');
  const child = spawn(
    install.node,
    [
      install.entry,
      ...profileArguments(profile, extensionsFolder),
      ...['--auth', 'none', '--bind-addr', authority, '--session-socket', path.join(profile.folder, 'session.sock')],
      ...['--disable-telemetry', '--disable-update-check', '--disable-workspace-trust', '--disable-proxy'],
      ...['--disable-getting-started-override', '--ignore-last-opened', ...install.serverArguments],
      ...(hostTestVariables === undefined ? [] : install.hostTestArguments),
      profile.workspace,
    ],
    {
      env: { ...serverEnvironment(install, profile), ...hostTestVariables },
      detached: true,
      stdio: ['ignore', log, log],
    },
  );
  closeSync(log);
  const { pid } = child;
  if (pid === undefined) throw new Error(`${install.node} could not be started; run test/vscode/install.sh`);
  processGroups.add(pid);
  const stop = () => processGroups.end(pid);

  const exited = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => reject(new Error(`it exited with ${code ?? signal}`)));
  });
  // A server that ends later, when it is stopped, is nobody's failure.
  exited.catch(() => undefined);
  try {
    const ready = eventually(`${install.label} to answer`, () => answers(authority), { limitMs: 30_000 });
    await Promise.race([ready, exited]);
  } catch (cause) {
    await stop();
    const tail = readFileSync(profile.serverLog, 'utf8').slice(-2_000);
    throw new Error(`${install.label} did not start: ${cause instanceof Error ? cause.message : cause}\n${tail}`, {
      cause,
    });
  }
  return { authority, stop };
}

function profileArguments(profile: Profile, extensionsFolder: string): string[] {
  const config = path.join(profile.folder, 'code-server.yaml');
  writeFileSync(config, 'auth: none\n');
  return ['--config', config, '--user-data-dir', profile.userData, '--extensions-dir', extensionsFolder];
}

/** This process's variables with every home folder moved into the profile and without a VS Code around it. */
function serverEnvironment(install: VscodeInstall, profile: Profile): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(VSCODE|ELECTRON|XDG)_/.test(name));
  return {
    ...Object.fromEntries(inherited),
    HOME: profile.home,
    PATH: `${path.dirname(install.node)}${path.delimiter}${process.env.PATH ?? ''}`,
    // No marketplace: the extensions view then asks nobody.
    EXTENSIONS_GALLERY: '{"serviceUrl":""}',
  };
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => probe.once('error', reject).listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('a TCP server has no port');
  return address.port;
}

function answers(authority: string): Promise<boolean> {
  return new Promise((resolve) => {
    http
      .get(`http://${authority}/healthz`, (response) => {
        response.resume();
        resolve(response.statusCode !== undefined);
      })
      .on('error', () => resolve(false));
  });
}
