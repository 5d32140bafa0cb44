import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BertConfig, parseBertConfig } from '../checkpoint/bertConfig.ts';

/**
 * Tokens of a text that a model reads: what was asked for, but no more than it has positions.
 * @param requested special tokens included, at least 2
 */
export function effectiveMaxLength(requested: number, config: Pick<BertConfig, 'maxPositions'>): number {
  return Math.max(2, Math.min(requested, config.maxPositions));
}

/** As `effectiveMaxLength`, for a folder that may hold a tokenizer and nothing else. */
export async function tokenizerMaxLength(directory: string, requested: number): Promise<number> {
  let text: string;
  try {
    text = await readFile(join(directory, 'config.json'), 'utf8');
  } catch {
    // Without a configuration there is no limit to keep.
    return requested;
  }
  return effectiveMaxLength(requested, parseBertConfig(text));
}
