import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Architecture } from '../../src/checkpoint/architectures.ts';
import { type BertConfig, parseBertConfig } from '../../src/checkpoint/bertConfig.ts';

/** What `test/oracles/architectures.py` writes: a checkpoint in each folder, and what transformers makes of texts. */
const fixtures = path.resolve(import.meta.dirname, '../fixtures/architectures');

/** Tokens and logits of each text, by architecture. */
export interface ArchitectureGolden {
  readonly texts: readonly string[];
  readonly maxLength: number;
  readonly models: Readonly<
    Record<Architecture, readonly { readonly inputIds: readonly number[]; readonly logits: readonly number[] }[]>
  >;
}

/** The committed answers of transformers. */
export function readArchitectureGolden(): ArchitectureGolden {
  return JSON.parse(readFileSync(path.join(fixtures, 'golden.json'), 'utf8')) as ArchitectureGolden;
}

/** The folder of a checkpoint and its configuration. */
export function readModelConfig(architecture: Architecture): { readonly folder: string; readonly config: BertConfig } {
  const folder = path.join(fixtures, architecture);
  return { folder, config: parseBertConfig(readFileSync(path.join(folder, 'config.json'), 'utf8')) };
}
