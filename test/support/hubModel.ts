import { onTestFinished } from 'vitest';
import { type FakeFile, HubServer, type HubServerOptions } from './hubServer.ts';

/** A configuration that Caselight reads. */
export const HUB_CONFIG = JSON.stringify({
  model_type: 'bert',
  architectures: ['BertForMaskedLM'],
  hidden_size: 16,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  intermediate_size: 32,
  vocab_size: 305,
});

/** Bytes without a pattern that a mistake in joining could hide in. */
export function weightBytes(sizeBytes: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(sizeBytes);
  let state = seed;
  for (let i = 0; i < sizeBytes; i++) {
    // The generator of Park and Miller, "Random number generators: good ones are hard to find", 1988.
    state = (state * 48_271) % 2_147_483_647;
    bytes[i] = state >> 8;
  }
  return bytes;
}

/** A file as large files are kept. */
export function large(content: Buffer): FakeFile {
  return { content, lfs: true };
}

/** What dmis-lab/biobert-base-cased-v1.1 has, in small. */
export function biobertFiles(weights: Buffer): Record<string, FakeFile | string> {
  return {
    '.gitattributes': '*.bin filter=lfs',
    'README.md': '---\nlicense: apache-2.0\n---\n# BioBERT',
    'config.json': HUB_CONFIG,
    'flax_model.msgpack': large(Buffer.from('flax')),
    'pytorch_model.bin': large(weights),
    'tokenizer_config.json': '{"do_lower_case":false}',
    'vocab.txt': '[PAD]\n[UNK]\n[CLS]\n[SEP]\n',
  };
}

/** A hub for one test. */
export async function startHub(options: HubServerOptions): Promise<HubServer> {
  const hub = await HubServer.start(options);
  onTestFinished(() => hub.close());
  return hub;
}
