import { performance } from 'node:perf_hooks';
import type { JobProgress } from './protocol.ts';

const INTERVAL_MS = 100;

/** Passes on as much progress as a person can follow: ten times a second, and the end. */
export function thinned(onProgress: (progress: JobProgress) => void): (progress: JobProgress) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (progress) => {
    const now = performance.now();
    if (now - last < INTERVAL_MS && progress.fraction !== 1) return;
    last = now;
    onProgress(progress);
  };
}
