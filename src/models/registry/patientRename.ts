import { rename } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

const ATTEMPTS = 8;
const FIRST_PAUSE_MS = 10;

/**
 * Renames; on Windows, where a file that a virus scanner or a reader has open for a moment cannot be renamed, tries again for
 * about a second.
 */
export async function patientRename(from: string, to: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await rename(from, to);
      return;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? '';
      const mayPass = process.platform === 'win32' && ['EPERM', 'EACCES', 'EBUSY'].includes(code);
      if (!mayPass || attempt === ATTEMPTS) throw error;
      await pause(FIRST_PAUSE_MS * 2 ** (attempt - 1));
    }
  }
}
