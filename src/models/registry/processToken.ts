import { createHash, randomBytes } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

const TOKEN = /^([0-9a-f]{8})-(\d+)-[0-9a-f]{8}$/;

/** A name, fit for a file, that no other process and no other call uses. It tells which process made it. */
export function newProcessToken(): string {
  return `${hostTag()}-${process.pid}-${randomBytes(4).toString('hex')}`;
}

/** Whether a name was made by `newProcessToken`. */
export function isProcessToken(name: string): boolean {
  return TOKEN.test(name);
}

/** Whether the process that made a token has certainly ended. Of processes elsewhere nothing is known. */
export function processIsGone(token: string): boolean {
  const [, host, pid] = TOKEN.exec(token) ?? [];
  if (host !== hostTag()) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    // EPERM: it runs, as another user.
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** Where process ids mean the same: the machine, or a container on it, which may go by the machine's name. */
function hostTag(): string {
  return createHash('sha256').update(`${hostname()} ${processNamespace()}`).digest('hex').slice(0, 8);
}

function processNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    // Only Linux has them.
    return '';
  }
}
