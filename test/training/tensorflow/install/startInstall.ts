import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import type { KnownArchives } from '../../../../src/training/tensorflow/install/archives.ts';
import { INSTALLATION_FILE } from '../../../../src/training/tensorflow/install/installation.ts';
import type { InstallProgress } from '../../../../src/training/tensorflow/install/installProgress.ts';
import {
  type InstallRequest,
  type InstallSummary,
  type InstallWorld,
  installTensorFlow,
} from '../../../../src/training/tensorflow/install/installTensorFlow.ts';
import type { TensorFlowSource } from '../../../../src/training/tensorflow/install/obtainArchive.ts';
import { temporaryFolder } from '../../../support/temporaryFolder.ts';
import { INSTALLED, knownArchives } from '../../../support/tensorflowArchives.ts';

/** An installation in a world without waiting. */
export interface TestInstall {
  readonly root: string;
  readonly progress: InstallProgress[];
  readonly notices: string[];
  run(
    source: TensorFlowSource,
    change?: Partial<InstallRequest>,
    world?: Partial<InstallWorld>,
  ): Promise<InstallSummary>;
  /** Writes an archive outside of the root. @returns its path */
  write(name: string, bytes: Buffer): string;
  /** Puts an installation there that is whole, of version 2.0.0. */
  writeOld(): void;
  expectInstalled(version: string): void;
  /** Nothing is there, or the old installation, and nothing beside it. */
  expectUntouched(): void;
}

/** Prepares an installation into a new root; it may be run several times. */
export function prepareInstall(archives: KnownArchives = knownArchives(Buffer.alloc(0), Buffer.alloc(0))): TestInstall {
  const folder = temporaryFolder();
  const root = path.join(folder, 'root');
  const [progress, notices]: [InstallProgress[], string[]] = [[], []];
  const target = path.join(root, 'tensorflow');
  const record = () => JSON.parse(readFileSync(path.join(target, INSTALLATION_FILE), 'utf8'));
  return {
    root,
    progress,
    notices,
    run: (source, change = {}, world = {}) =>
      installTensorFlow(
        {
          root,
          source,
          signal: new AbortController().signal,
          onProgress: (each) => progress.push(each),
          onNotice: (sentence) => notices.push(sentence),
          ...change,
        },
        {
          env: {},
          sleep: async () => {},
          nowMs: () => Date.UTC(2026, 0, 2),
          silenceMs: 10_000,
          platform: 'linux',
          arch: 'x64',
          archives,
          ...world,
        },
      ),
    write: (name, bytes) => {
      const file = path.join(folder, name);
      writeFileSync(file, bytes);
      return file;
    },
    writeOld: () => {
      mkdirSync(target, { recursive: true });
      const files = Object.keys(INSTALLED).map((name) => ({ name, sizeBytes: 3, sha256: '' }));
      for (const { name } of files) writeFileSync(path.join(target, name), 'old');
      const old = { formatVersion: 1, version: '2.0.0', source: 'x', archiveSha256: '', files, installedAt: '' };
      writeFileSync(path.join(target, INSTALLATION_FILE), JSON.stringify(old));
    },
    expectInstalled: (version) => {
      expect(readdirSync(root)).toEqual(['tensorflow']);
      expect(readdirSync(target).sort()).toEqual([INSTALLATION_FILE, ...Object.keys(INSTALLED)].sort());
      for (const [name, bytes] of Object.entries(INSTALLED)) {
        expect(readFileSync(path.join(target, name)).equals(bytes)).toBe(true);
      }
      expect(record().version).toBe(version);
    },
    expectUntouched: () => {
      const names = existsSync(root) ? readdirSync(root) : [];
      expect(names).toEqual(existsSync(target) ? ['tensorflow'] : []);
      if (existsSync(target)) expect(record().version).toBe('2.0.0');
    },
  };
}
