import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Profile } from './profile.ts';

/** All that an output channel has printed in the windows of a profile, oldest first; empty while it has printed nothing. */
export function outputOf(profile: Profile, channel: string): string {
  return readdirSync(profile.logs, { recursive: true, encoding: 'utf8' })
    .filter((name) => path.basename(name) === `${channel}.log`)
    .sort()
    .map((name) => readFileSync(path.join(profile.logs, name), 'utf8'))
    .join('');
}
