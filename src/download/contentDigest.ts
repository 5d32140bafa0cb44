import { createHash, type Hash } from 'node:crypto';
import type { PartFile } from './filePart.ts';

/** The hashes of a file as its bytes come in. */
export class ContentDigest {
  readonly #sha256: Hash = createHash('sha256');
  /** Git's name of the content, for files that the hub knows by that only. Source: git-hash-object(1) */
  readonly #gitSha1: Hash | undefined;

  constructor(file: PartFile) {
    if (file.hash.algorithm === 'git-sha1') this.#gitSha1 = createHash('sha1').update(`blob ${file.sizeBytes}\0`);
  }

  update(bytes: Uint8Array): void {
    this.#sha256.update(bytes);
    this.#gitSha1?.update(bytes);
  }

  /** Ends the digest. @returns both in hexadecimal: what goes on record, and what the hub knows the file by */
  end(): { readonly sha256: string; readonly hubHash: string } {
    const sha256 = this.#sha256.digest('hex');
    return { sha256, hubHash: this.#gitSha1?.digest('hex') ?? sha256 };
  }
}
