import { availableParallelism, cpus, totalmem } from 'node:os';

/** The machine and the version of Node that figures were measured with. */
export function describeMachine(): string {
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  return `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${availableParallelism()} cores, ${memory}, Node ${process.versions.node}`;
}
