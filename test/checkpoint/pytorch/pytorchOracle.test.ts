import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { PytorchFile } from '../../../src/checkpoint/pytorch/pytorchFile.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

interface Oracle {
  readonly cases: readonly {
    readonly name: string;
    /** The file in base64. */
    readonly bytes: string;
    /** What torch.load reads in it: the elements as little-endian float32 in base64. */
    readonly tensors: Readonly<Record<string, { readonly shape: readonly number[]; readonly float32: string }>>;
  }[];
}

const oracle = JSON.parse(
  readFileSync(path.join(import.meta.dirname, '../../fixtures/pytorchFile.json'), 'utf8'),
) as Oracle;

describe('PytorchFile against torch.load', () => {
  it.each(oracle.cases)('reads the same out of a file: $name', async ({ bytes, tensors }) => {
    const file = path.join(temporaryFolder(), 'pytorch_model.bin');
    writeFileSync(file, Buffer.from(bytes, 'base64'));
    const source = await PytorchFile.open(file);
    onTestFinished(() => source.close());
    expect(source.names()).toEqual(Object.keys(tensors));
    for (const [name, { shape, float32 }] of Object.entries(tensors)) {
      expect(source.shape(name)).toEqual(shape);
      const elements = await source.read(name);
      expect([name, Buffer.from(elements.buffer).toString('base64')]).toEqual([name, float32]);
    }
  });
});
