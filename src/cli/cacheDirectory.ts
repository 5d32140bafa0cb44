import { homedir } from 'node:os';
import { join } from 'node:path';

/** Folder of the command line for what can be made again: `CASELIGHT_CACHE`, or where the system keeps such things. */
export function cacheDirectory(env: NodeJS.ProcessEnv = process.env, platform: string = process.platform): string {
  if (env.CASELIGHT_CACHE) return env.CASELIGHT_CACHE;
  if (platform === 'win32') return join(env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'caselight', 'cache');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'caselight');
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'caselight');
}
