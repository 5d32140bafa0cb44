import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PytorchFile } from '../../../src/checkpoint/pytorch/pytorchFile.ts';
import { UserError } from '../../../src/core/userError.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';
import { pickleOf } from './pickleBytes.ts';
import { archiveBytes, legacyBytes, smallContent } from './pytorchBytes.ts';

const formats = path.resolve(import.meta.dirname, '..', '..', '..', '..', 'shared', 'data', 'tiny_models', 'formats');
const samplePath = (layout: string) => path.join(formats, `tiny_seriousness_bin_${layout}`, 'pytorch_model.bin');

/** Files to damage; `structure` lists the bytes, from and to, that are not weights. */
const files = [
  { name: 'a small archive', bytes: () => archiveBytes(smallContent), structure: [[0, 2 ** 20]], runs: 300 },
  { name: 'a small legacy file', bytes: () => legacyBytes(smallContent), structure: [[0, 2 ** 20]], runs: 300 },
  {
    name: 'the sample archive',
    bytes: () => readFileSync(samplePath('zip')),
    structure: [
      [0, 7_700],
      [441_000, 448_130],
    ],
    runs: 120,
    needs: samplePath('zip'),
  },
  {
    name: 'the sample legacy file',
    bytes: () => readFileSync(samplePath('legacy')),
    structure: [[0, 6_500]],
    runs: 120,
    needs: samplePath('legacy'),
  },
] as const;

/** Opens a file and reads all there is to read. Every failure but a UserError is thrown on. */
async function readAll(bytes: Uint8Array, folder: string): Promise<'read' | 'refused'> {
  const file = path.join(folder, 'pytorch_model.bin');
  writeFileSync(file, bytes);
  let source: PytorchFile | undefined;
  try {
    source = await PytorchFile.open(file);
    for (const name of source.names()) await readTensor(source, name);
    return 'read';
  } catch (error) {
    if (error instanceof UserError) return 'refused';
    throw error;
  } finally {
    await source?.close();
  }
}

async function readTensor(source: PytorchFile, name: string): Promise<void> {
  const elements = await source.read(name);
  expect(elements).toHaveLength(source.shape(name).reduce((product, size) => product * size, 1));
}

describe.each(files.filter((file) => !('needs' in file) || existsSync(file.needs)))(
  '$name',
  ({ bytes: load, structure, runs }) => {
    const bytes = load();
    const place = fc.oneof(
      ...structure.map(([from, to]) => ({
        weight: 4,
        arbitrary: fc.integer({ min: from, max: Math.min(to, bytes.length) - 1 }),
      })),
      { weight: 1, arbitrary: fc.nat({ max: bytes.length - 1 }) },
    );

    it('is read or refused, whichever bytes are changed', async () => {
      const folder = temporaryFolder();
      const changes = fc.array(fc.tuple(place, fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 });
      await fc.assert(
        fc.asyncProperty(changes, async (changed) => {
          const damaged = Uint8Array.from(bytes);
          for (const [position, value] of changed) damaged[position] = value;
          expect(['read', 'refused']).toContain(await readAll(damaged, folder));
        }),
        { numRuns: runs },
      );
    });

    it('is refused wherever it is cut off', async () => {
      const folder = temporaryFolder();
      await fc.assert(
        fc.asyncProperty(place, async (length) => {
          expect(await readAll(bytes.subarray(0, length), folder)).toBe('refused');
        }),
        { numRuns: runs },
      );
    });
  },
);

describe('a pickle of arbitrary bytes', () => {
  it.each([
    ['in an archive', archiveBytes],
    ['in a legacy file', legacyBytes],
  ])('is refused %s', async (_, write) => {
    const folder = temporaryFolder();
    const instructions = fc.array(fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(...pickleOf(smallContent.saved))), {
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(instructions, async (random) => {
        const saved = Uint8Array.from(random);
        expect(await readAll(write({ ...smallContent, saved }), folder)).toBe('refused');
      }),
      { numRuns: 300 },
    );
  });
});
