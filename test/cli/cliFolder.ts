import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';
import { type CliRun, runCli } from './runCli.ts';
import { writeTinyModel } from './tinyModel.ts';

/** A folder for the tests of one file, with a tiny model and a cache of derived models in it. */
export interface CliFolder {
  /** The tiny model. */
  readonly model: string;
  readonly cache: string;
  /** Path of something in the folder. */
  path(name: string): string;
  /** Writes a file. @returns its path */
  write(name: string, content: string | Buffer): string;
  /** Runs the command line to its end. */
  run(args: readonly string[], input?: string | Buffer): Promise<CliRun>;
  /** As `run`, with the tiny model. */
  runTiny(args: readonly string[], input?: string | Buffer): Promise<CliRun>;
}

/** Makes the folder of a test file; it is removed after its last test. */
export function cliFolder(): CliFolder {
  const folder = mkdtempSync(path.join(tmpdir(), 'caselight-cli-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const inFolder = (name: string) => path.join(folder, name);
  const [model, cache] = [writeTinyModel(inFolder('tiny')), inFolder('cache')];
  const run = (args: readonly string[], input: string | Buffer = '') => runCli(args, { input, cache });
  return {
    model,
    cache,
    path: inFolder,
    write: (name, content) => {
      writeFileSync(inFolder(name), content);
      return inFolder(name);
    },
    run,
    runTiny: (args, input) => run([...args, '--model', model], input),
  };
}
