import { tmpdir } from 'node:os';
import path from 'node:path';

/** A place for what a bench makes once and finds again the next time. */
export function benchFolder(...names: readonly string[]): string {
  return path.join(tmpdir(), 'caselight-bench', ...names);
}
