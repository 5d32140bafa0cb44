import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { freemem } from 'node:os';
import { promisify } from 'node:util';

/**
 * Bytes that a process may still take: of the machine, and of the container that it runs in.
 * @returns undefined where the system does not tell
 */
export async function availableMemoryBytes(): Promise<number | undefined> {
  const limits = [await machineBytes(), await containerBytes()].filter((bytes) => bytes !== undefined);
  return limits.length === 0 ? undefined : Math.min(...limits);
}

/** `os.freemem` leaves out what Linux and macOS hold of files and give back at once; on Windows it is what can be had. */
async function machineBytes(): Promise<number | undefined> {
  if (process.platform === 'darwin') return macBytes(await outputOf('/usr/bin/vm_stat'));
  const text = await readFile('/proc/meminfo', 'utf8').catch(() => '');
  const kilobytes = /^MemAvailable:\s+(\d+) kB$/m.exec(text)?.[1];
  return kilobytes === undefined ? freemem() : Number(kilobytes) * 1024;
}

/**
 * What macOS can give without writing to the disk: pages that are free, that nobody has used lately, that were read ahead, and
 * that their owners can do without.
 * @param vmStat what `vm_stat` prints
 * @returns undefined where it says something else
 */
export function macBytes(vmStat: string): number | undefined {
  const pageBytes = /page size of (\d+) bytes/.exec(vmStat)?.[1];
  const pages = (kind: string) => new RegExp(`^Pages ${kind}:\\s+(\\d+)\\.$`, 'm').exec(vmStat)?.[1];
  const [free, inactive] = [pages('free'), pages('inactive')];
  if (pageBytes === undefined || free === undefined || inactive === undefined) return undefined;
  // Older systems do not tell the last two.
  const counts = [free, inactive, pages('speculative') ?? 0, pages('purgeable') ?? 0];
  return Number(pageBytes) * counts.reduce((sum: number, count) => sum + Number(count), 0);
}

async function outputOf(command: string): Promise<string> {
  return promisify(execFile)(command, { timeout: 5_000, env: { LC_ALL: 'C' } }).then(
    ({ stdout }) => stdout,
    () => '',
  );
}

/** Where Linux tells of a container's memory. Sources: its Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst */
const CONTAINERS = [
  { limit: 'memory.max', used: 'memory.current', inactive: 'inactive_file' },
  {
    limit: 'memory/memory.limit_in_bytes',
    used: 'memory/memory.usage_in_bytes',
    inactive: 'total_inactive_file',
  },
] as const;

/** Undefined where there is no limit. */
async function containerBytes(): Promise<number | undefined> {
  const text = (file: string) => readFile(`/sys/fs/cgroup/${file}`, 'utf8').catch(() => '');
  for (const { limit, used, inactive } of CONTAINERS) {
    const stat = limit.replace(/[^/]+$/, 'memory.stat');
    const bytes = bytesOfContainer(await text(limit), await text(used), await text(stat), inactive);
    if (bytes !== undefined) return bytes;
  }
  return undefined;
}

/**
 * What is left to a container: pages of files that nobody has used lately count as its own, but are given back at once.
 * @param stat lines of a name and a number
 * @param inactive the name of those pages
 * @returns undefined where there is no limit
 */
export function bytesOfContainer(limit: string, used: string, stat: string, inactive: string): number | undefined {
  const [most, now] = [Number.parseInt(limit, 10), Number.parseInt(used, 10)];
  if (!Number.isFinite(most) || !Number.isFinite(now)) return undefined;
  const files = Number(new RegExp(`^${inactive} (\\d+)$`, 'm').exec(stat)?.[1] ?? 0);
  return Math.max(0, most - Math.max(0, now - files));
}
