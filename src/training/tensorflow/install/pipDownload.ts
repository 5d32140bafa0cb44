import { spawn } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { cancelled, throwIfCancelled } from '../../../core/cancellation.ts';
import { UserError } from '../../../core/userError.ts';

const PYTHON = 'python3';
const KEPT_CHARACTERS = 8_000;

export interface PipOptions {
  /** Of TensorFlow. */
  readonly version: string;
  /** Made; the wheel goes there. */
  readonly folder: string;
  /** Python is found by its PATH; pip reads its own settings and the proxies from it. */
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

/**
 * Lets the user's Python fetch a wheel of `tensorflow-cpu`, from the index that it is set up for. Nothing of it is run.
 * @returns the path of the wheel
 * @throws UserError PIP_FAILED, CANCELLED
 */
export async function pipDownload({ version, folder, env, signal }: PipOptions): Promise<string> {
  throwIfCancelled(signal);
  await mkdir(folder);
  const options = ['--no-input', '--disable-pip-version-check', '--progress-bar', 'off'];
  // The wheel that is known, whatever Python it is that fetches it.
  const target = ['--python-version', '3.11', '--implementation', 'cp', '--platform', 'manylinux_2_27_x86_64'];
  const args = ['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', ...options, ...target];
  const { status, output } = await run([...args, '-d', folder, `tensorflow-cpu==${version}`], env, signal);
  if (status !== 0) {
    throw new UserError(
      'PIP_FAILED',
      `pip could not fetch tensorflow-cpu ${version}, and says: ${lastWord(output)}. Run ${PYTHON} -m pip download tensorflow-cpu==${version} yourself to see more, or take TensorFlow from a file or a mirror.`,
    );
  }
  const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl'));
  if (wheel !== undefined) return path.join(folder, wheel);
  throw new UserError('PIP_FAILED', 'pip fetched no wheel of tensorflow-cpu: take TensorFlow from a file or a mirror.');
}

/** @returns the status of the process, and the end of what it wrote */
async function run(args: readonly string[], env: NodeJS.ProcessEnv, signal: AbortSignal) {
  const child = spawn(PYTHON, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const stop = () => child.kill();
  signal.addEventListener('abort', stop, { once: true });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-KEPT_CHARACTERS);
    });
  }
  try {
    const status = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    throwIfCancelled(signal);
    return { status, output };
  } catch (cause) {
    if (signal.aborted) throw cancelled();
    throw new UserError(
      'PIP_FAILED',
      `${PYTHON} could not be started: install Python 3 with pip, or take TensorFlow from a file or a mirror.`,
      { cause },
    );
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** What pip gives as its reason: its last error, else its last line, without a full stop. */
function lastWord(output: string): string {
  const lines = output.split('\n').flatMap((line) => line.trim() || []);
  const line = lines.findLast((each) => each.startsWith('ERROR: ')) ?? lines.at(-1) ?? 'nothing';
  return line.replace(/^ERROR: /, '').replace(/\.$/, '');
}
