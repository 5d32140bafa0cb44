import { totalmem } from 'node:os';
import { sizeText } from '../core/sizeText.ts';
import { UserError } from '../core/userError.ts';

/** What training needs of the memory, hidden states of texts apart, and what there was before it took any. */
export interface MemoryRoom {
  readonly neededBytes: number;
  /** Undefined where the system does not tell. */
  readonly availableBytes: number | undefined;
}

/** Most bytes of hidden states that are held in memory: what training needs is known roughly, and others need some too. */
export function bytesForStates({ neededBytes, availableBytes }: MemoryRoom): number {
  return availableBytes === undefined ? totalmem() / 4 : Math.max(0, (availableBytes - neededBytes) / 2);
}

/** @param more bytes that are needed beside what `room` says */
export function tooLittleMemory({ neededBytes, availableBytes = 0 }: MemoryRoom, more = 0): UserError {
  return new UserError(
    'OUT_OF_MEMORY',
    `Training needs about ${sizeText(neededBytes + more)} of memory, and ${sizeText(availableBytes)} are free: close other programs, or train fewer layers, smaller batches or shorter texts.`,
  );
}
