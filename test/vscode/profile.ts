import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { quietSettings, type Settings } from './settings.ts';

/** Contents of the files a test starts with, by path relative to the workspace folder. */
export type WorkspaceFiles = Readonly<Record<string, string | Uint8Array>>;

/** All that one run of VS Code reads and writes: a fresh folder, gone after `remove`. */
export class Profile {
  readonly folder: string;
  /** The folder VS Code opens. */
  readonly workspace: string;
  readonly home: string;
  readonly userData: string;
  /** The file that takes what the server and the extension host print. */
  readonly serverLog: string;
  /** VS Code's own logs; output channels of extensions are files below it. */
  readonly logs: string;
  #changedSettings: Settings = {};

  /**
   * @param parent folder to make it in.
   * @param files the workspace to begin with.
   * @param settings user settings over the quiet ones.
   */
  constructor(parent: string, files: WorkspaceFiles = {}, settings: Settings = {}) {
    this.folder = mkdtempSync(path.join(parent, 'profile-'));
    this.workspace = path.join(this.folder, 'workspace');
    this.home = path.join(this.folder, 'home');
    this.userData = path.join(this.folder, 'user-data');
    this.serverLog = path.join(this.folder, 'server.log');
    this.logs = path.join(this.userData, 'logs');
    mkdirSync(this.workspace);
    mkdirSync(this.home);
    for (const [name, contents] of Object.entries(files)) this.writeFile(name, contents);
    this.#writeSettings('User', { ...quietSettings, ...settings });
    this.updateSettings({});
  }

  /** Absolute path of a file of the workspace. */
  file(name: string): string {
    return path.join(this.workspace, name);
  }

  /** Writes a file of the workspace from outside VS Code, which notices by its file watcher. */
  writeFile(name: string, contents: string | Uint8Array): void {
    mkdirSync(path.dirname(this.file(name)), { recursive: true });
    writeFileSync(this.file(name), contents);
  }

  /**
   * Changes settings under a running VS Code, which follows within half a second. They go into the machine's settings, over
   * the user's: code-server does not watch the file of the user's. Settings of application scope cannot be changed so.
   */
  updateSettings(patch: Settings): void {
    this.#changedSettings = { ...this.#changedSettings, ...patch };
    this.#writeSettings('Machine', this.#changedSettings);
  }

  /** Deletes everything. Stop the server first. */
  remove(): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  #writeSettings(level: 'User' | 'Machine', settings: Settings): void {
    const folder = path.join(this.userData, level);
    mkdirSync(folder, { recursive: true });
    const target = path.join(folder, 'settings.json');
    // Renamed into place: VS Code would report a half-written file as broken settings.
    writeFileSync(`${target}.new`, JSON.stringify(settings, undefined, 2));
    renameSync(`${target}.new`, target);
  }
}
