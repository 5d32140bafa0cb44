import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { type SafetensorsWriteOptions, writeSafetensors } from '../checkpoint/safetensorsWriter.ts';
import type { TensorSource } from '../checkpoint/tensorSource.ts';
import { MANIFEST_FILE, MANIFEST_SCHEMA_VERSION, type ModelManifest } from './manifest.ts';

const WEIGHTS = 'model.safetensors';

/** What the manifest says beside the files, which the writer knows. */
export type ManifestFacts = Omit<ModelManifest, 'schemaVersion' | 'created' | 'files'> & { readonly name: string };

/**
 * Writes the files of a model directory, each flushed to the disk and hashed while it is written, and at last the manifest.
 * The folder is the caller's: `makeNewFolder` makes one that appears whole or not at all.
 */
export class ModelDirectoryWriter {
  private readonly hashes = new Map<string, string>();

  constructor(readonly directory: string) {}

  /** Writes a small file. */
  async write(name: string, content: string | Uint8Array): Promise<void> {
    await this.flush(name, content);
    this.hashes.set(name, createHash('sha256').update(content).digest('hex'));
  }

  /**
   * Writes the weights, one tensor at a time.
   * @returns the size of their file in bytes
   */
  async writeWeights(tensors: TensorSource, options: SafetensorsWriteOptions = {}): Promise<number> {
    const { sizeBytes, sha256 } = await writeSafetensors(path.join(this.directory, WEIGHTS), tensors, options);
    this.hashes.set(WEIGHTS, sha256);
    return sizeBytes;
  }

  /** Writes the manifest, after everything else. */
  async finish(facts: ManifestFacts): Promise<ModelManifest> {
    const manifest: ModelManifest = {
      schemaVersion: MANIFEST_SCHEMA_VERSION,
      created: new Date().toISOString(),
      ...facts,
      files: Object.fromEntries([...this.hashes].sort(([a], [b]) => (a < b ? -1 : 1))),
    };
    await this.flush(MANIFEST_FILE, asJson(manifest));
    return manifest;
  }

  private async flush(name: string, content: string | Uint8Array): Promise<void> {
    const handle = await open(path.join(this.directory, name), 'wx');
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
  }
}

/** JSON as it is in every file of a model directory: for people too. */
export function asJson(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
