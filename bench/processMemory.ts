import { readFileSync } from 'node:fs';

const POLL_MS = 20;

/** Most memory that a running process has held so far, in bytes; undefined where the system does not tell (only Linux does). */
export function peakBytes(pid: number): number | undefined {
  try {
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    // Another system, or the process has ended.
    return undefined;
  }
}

/**
 * Watches a process and those that it starts, until the returned function is called, which gives the largest sum of the
 * peaks of those that ran at one time, in bytes.
 */
export function watchPeak(pid: number): () => number | undefined {
  let largest: number | undefined;
  const look = () => {
    const peaks = [pid, ...descendants(pid)].flatMap((each) => peakBytes(each) ?? []);
    if (peaks.length > 0)
      largest = Math.max(
        largest ?? 0,
        peaks.reduce((sum, peak) => sum + peak),
      );
  };
  const timer = setInterval(look, POLL_MS);
  return () => {
    clearInterval(timer);
    return largest;
  };
}

function descendants(pid: number): number[] {
  let children: number[];
  try {
    children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
  return children.flatMap((child) => [child, ...descendants(child)]);
}
