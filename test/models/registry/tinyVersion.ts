import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { FillVersion } from '../../../src/models/registry/addVersion.ts';

const CONFIG = {
  model_type: 'bert',
  hidden_size: 8,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  intermediate_size: 16,
  vocab_size: 20,
  id2label: { 0: 'a', 1: 'b' },
};

/** Writes a model directory of a few bytes. Two with the same weights have the same content, whatever their manifests say. */
export function tinyVersion(name: string, weights: string, manifest: object = {}): FillVersion {
  return async (directory) => {
    const files = { 'config.json': JSON.stringify(CONFIG), 'tokenizer.json': '{}', 'model.safetensors': weights };
    for (const [file, text] of Object.entries(files)) await writeFile(path.join(directory, file), text);
    const hashes = Object.entries(files).map(([file, text]) => [file, sha256(text)]);
    const json = { schemaVersion: 1, name, ...manifest, files: Object.fromEntries(hashes) };
    await writeFile(path.join(directory, 'caselight.json'), JSON.stringify(json));
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
