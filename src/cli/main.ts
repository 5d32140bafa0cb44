import { UserError } from '../core/userError.ts';
import { classifyCommand } from './classifyCommand.ts';
import type { CommandContext } from './context.ts';
import { evaluateCommand } from './evaluateCommand.ts';
import { importCommand } from './importCommand.ts';
import { parseOptions } from './options.ts';
import { precisionCommand } from './precisionCommand.ts';
import { predictCommand } from './predictCommand.ts';
import { Progress } from './progress.ts';
import { tokensCommand } from './tokensCommand.ts';
import { trainCommand } from './trainCommand.ts';
import { USAGE } from './usage.ts';
import { UsageError } from './usageError.ts';

/** Put in by the bundler from package.json. */
declare const CASELIGHT_VERSION: string;
const VERSION = typeof CASELIGHT_VERSION === 'string' ? CASELIGHT_VERSION : 'development';

const commands: Readonly<Record<string, (context: CommandContext) => Promise<void>>> = {
  classify: classifyCommand,
  predict: predictCommand,
  evaluate: evaluateCommand,
  // Loaded when it is asked for: nothing else has to do with the network.
  download: async (context) => (await import('./downloadCommand.ts')).downloadCommand(context),
  import: importCommand,
  'install-tensorflow': async (context) =>
    (await import('./installTensorFlowCommand.ts')).installTensorFlowCommand(context),
  precision: precisionCommand,
  tokens: tokensCommand,
  train: trainCommand,
};

/** @returns the exit status: 0, 1 for a failure that was told, 2 for wrong usage */
async function main([name, ...args]: readonly string[]): Promise<number> {
  if (
    name === undefined ||
    name === '--help' ||
    name === '-h' ||
    name === 'help' ||
    args.includes('--help') ||
    args.includes('-h')
  ) {
    process.stdout.write(USAGE);
    return name === undefined ? 2 : 0;
  }
  if (name === '--version' || name === 'version') {
    process.stdout.write(`${VERSION}\n`);
    return 0;
  }
  const abort = new AbortController();
  let stoppedBy: NodeJS.Signals | undefined;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (abort.signal.aborted) process.exit(1);
      stoppedBy = signal;
      abort.abort();
    });
  }
  try {
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (command === undefined) throw new UsageError(`There is no command "${name}".`);
    await command({
      options: parseOptions(name, args),
      signal: abort.signal,
      stoppedBy: () => stoppedBy,
      progress: new Progress(name),
    });
    return 0;
  } catch (error) {
    return report(error, abort.signal.aborted);
  }
}

function report(error: unknown, aborted: boolean): number {
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\nRun "caselight --help" to see how it is used.\n`);
    return 2;
  }
  if (aborted) {
    process.stderr.write(
      'error[CANCELLED]: Stopped before the end: no file was written, and what went to standard output is incomplete. Run the command again.\n',
    );
  } else if (error instanceof UserError) {
    process.stderr.write(`error[${error.code}]: ${error.message}\n`);
  } else {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(
      `error[INTERNAL]: This is a defect of Caselight; please report it with these lines.\n${stack}\n`,
    );
  }
  return 1;
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader of a pipe, such as `head`, may go away early: that is no failure.
  if (error.code === 'EPIPE') process.exit(0);
  process.stderr.write(`error[IO_ERROR]: Standard output could not be written (${error.code}): check free space.\n`);
  process.exit(1);
});
// Progress that nobody reads any more is no reason to stop, or to leave half a file behind.
process.stderr.on('error', () => {});
main(process.argv.slice(2)).then((status) => {
  process.exitCode = status;
});
