import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, existsSync, realpathSync, rmSync, statSync } from 'node:fs';
import { rename, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { UserError } from '../core/userError.ts';

/** Where a command writes its result: whole, or not at all. */
export interface Output {
  /** Waits while the reader of the output is slower than the writer. */
  write(data: string | Buffer): Promise<void>;
  /** The result is complete: it appears under its name now. */
  commit(): Promise<void>;
  /** Leaves nothing behind. Does nothing after `commit`. */
  discard(): void;
}

/**
 * @param path a file, or `-` for standard output
 * @param inputPath the file that is read meanwhile; it is never overwritten
 * @throws UserError BAD_ARGUMENT, IO_ERROR
 */
export async function openOutput(path: string, inputPath?: string): Promise<Output> {
  if (path === '-') {
    return { write: (data) => writeTo(process.stdout, data), commit: async () => {}, discard: () => {} };
  }
  if (inputPath !== undefined && inputPath !== '-' && isSameFile(path, inputPath)) {
    throw new UserError('BAD_ARGUMENT', 'The output would overwrite the input: choose another name with --output.');
  }
  const existing = await stat(path).catch(() => undefined);
  const isFolder = existing?.isDirectory() === true;
  if (isFolder || !existsSync(dirname(path))) {
    throw new UserError(
      'IO_ERROR',
      isFolder
        ? `${basename(path)} is a folder: name a file in it with --output.`
        : `The folder of ${basename(path)} does not exist: make it first, or choose another with --output.`,
    );
  }
  // A device or a named pipe is written as it is: a rename would put a file in its place.
  const isDevice = existing !== undefined && !existing.isFile();
  // A link stays one: what it points to is replaced, and keeps its permissions.
  const target = existing === undefined ? path : realpathSync(path);
  // Beside the result, so that the last step is a rename within one file system.
  const partial = `${target}.${randomUUID()}.part`;
  const mode = existing === undefined ? {} : { mode: existing.mode & 0o777 };
  const stream = isDevice ? createWriteStream(path) : createWriteStream(partial, { flags: 'wx', ...mode });
  // Errors surface in `write` and `commit`; without a listener they would end the process.
  let failure: Error | undefined;
  stream.on('error', (error) => {
    failure = error;
  });
  const unwritable = (cause: unknown) =>
    new UserError(
      'IO_ERROR',
      `${basename(path)} could not be written: check free space and permissions, and close it in other programs.`,
      { cause },
    );
  const check = () => {
    if (failure !== undefined) throw unwritable(failure);
  };
  return {
    async write(data) {
      check();
      await writeTo(stream, data).catch(() => {});
      check();
    },
    async commit() {
      stream.end();
      await finished(stream).catch(() => {});
      check();
      if (isDevice) return;
      await rename(partial, target).catch((cause: unknown) => {
        throw unwritable(cause);
      });
    },
    discard() {
      stream.destroy();
      rmSync(partial, { force: true });
    },
  };
}

async function writeTo(stream: Writable, data: string | Buffer): Promise<void> {
  if (!stream.write(data)) await once(stream, 'drain');
}

function isSameFile(a: string, b: string): boolean {
  if (!existsSync(a) || !existsSync(b)) return false;
  // Not by name: where case does not count, two names are one file.
  const [one, other] = [statSync(a, { bigint: true }), statSync(b, { bigint: true })];
  return one.ino === other.ino && one.dev === other.dev;
}
