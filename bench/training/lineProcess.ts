import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';

/** A process that answers each JSON object, a line, with one. */
export class LineProcess {
  private readonly child: ChildProcess;
  private readonly answers: AsyncIterator<string>;

  constructor(command: string, args: readonly string[]) {
    this.child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const { stdout } = this.child;
    if (stdout === null) throw new Error('the process has no output');
    const lines: Interface = createInterface({ input: stdout });
    this.answers = lines[Symbol.asyncIterator]();
  }

  /** Sends a command and waits for its answer. */
  async ask<Answer>(command: object): Promise<Answer> {
    this.child.stdin?.write(`${JSON.stringify(command)}\n`);
    const { value, done } = await this.answers.next();
    if (done) throw new Error('the process ended without an answer');
    return JSON.parse(value) as Answer;
  }
}
