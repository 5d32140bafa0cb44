import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SafetensorsFile } from '../../src/checkpoint/safetensors.ts';
import { writeSafetensors } from '../../src/checkpoint/safetensorsWriter.ts';
import { FakeTensorSource } from '../support/fakeTensorSource.ts';
import { float32Tensor, halfTensor, type RawTensor, safetensorsBytes } from '../support/safetensorsBytes.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

/** A checkpoint of these tensors, in a file. */
async function checkpoint(tensors: Readonly<Record<string, RawTensor>>): Promise<SafetensorsFile> {
  const file = path.join(temporaryFolder(), 'source.safetensors');
  writeFileSync(file, safetensorsBytes(tensors));
  return opened(file);
}

async function opened(file: string): Promise<SafetensorsFile> {
  const source = await SafetensorsFile.open(file);
  onTestFinished(() => source.close());
  return source;
}

const target = () => path.join(temporaryFolder(), 'model.safetensors');

describe('writeSafetensors', () => {
  it('writes what the reader reads, half precision bit for bit', async () => {
    // Every half but the NaNs, whose payloads have no meaning.
    const halves = Array.from({ length: 0x10000 }, (_, bits) => bits).filter((bits) => (bits & 0x7fff) <= 0x7c00);
    const source = await checkpoint({
      'layer.weight': float32Tensor([2, 3], [1, -2, 3.5, 1e-40, -0, Number.POSITIVE_INFINITY]),
      scalar: float32Tensor([], [7]),
      halves: halfTensor('F16', [halves.length], halves),
      empty: float32Tensor([0, 4], []),
    });
    const file = target();
    await writeSafetensors(file, source);
    const written = await opened(file);
    expect([...written.names()].sort()).toEqual([...source.names()].sort());
    for (const name of source.names()) {
      expect([written.dtype(name), written.shape(name)]).toEqual([source.dtype(name), source.shape(name)]);
      expect(await written.read(name)).toEqual(await source.read(name));
    }
    const bytes = readFileSync(file);
    expect(bytes.subarray(bytes.length - 2 * halves.length)).toEqual(Buffer.from(Uint16Array.from(halves).buffer));
  });

  it.each([
    ['BF16', halfTensor('BF16', [2], [0x3f80, 0xc049])],
    ['F64', { dtype: 'F64', shape: [2], bytes: new Uint8Array(Float64Array.of(1, -3.140625).buffer) }],
  ])('writes %s as float32', async (_, tensor) => {
    const file = target();
    await writeSafetensors(file, await checkpoint({ tensor }));
    const written = await opened(file);
    expect(written.dtype('tensor')).toBe('F32');
    expect(await written.read('tensor')).toEqual(Float32Array.of(1, -3.140625));
  });

  it('lays every tensor at a multiple of its element size, whatever the order of types', async () => {
    const tensors = fc.array(fc.record({ half: fc.boolean(), length: fc.nat(7) }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(tensors, async (list) => {
        const source = await checkpoint(
          Object.fromEntries(
            list.map(({ half, length }, i) => {
              const values = Array.from({ length }, (_, k) => i + k);
              return [`t${i}`, half ? halfTensor('F16', [length], values) : float32Tensor([length], values)];
            }),
          ),
        );
        const file = target();
        const { sizeBytes, sha256 } = await writeSafetensors(file, source);
        const bytes = readFileSync(file);
        expect([bytes.length, createHash('sha256').update(bytes).digest('hex')]).toEqual([sizeBytes, sha256]);
        expect(Number(bytes.readBigUInt64LE(0)) % 8).toBe(0);
        const written = await opened(file);
        for (const name of source.names()) {
          expect(await written.read(name)).toEqual(await source.read(name));
          // Only what is aligned can be used in place.
          if (source.dtype(name) === 'F32') expect(written.location(name)).toBeDefined();
        }
      }),
      { numRuns: 30 },
    );
  });

  it('writes a tensor of several chunks whole, and tells how far it is', async () => {
    const source = new FakeTensorSource(new Map([['table', [1200, 1000]]]));
    const file = target();
    const steps: number[] = [];
    const totals = new Set<number>();
    const { sizeBytes } = await writeSafetensors(file, source, {
      onProgress: (done, total) => {
        totals.add(total);
        steps.push(done);
      },
    });
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
    expect([steps.length, steps.at(-1), [...totals]]).toEqual([3, sizeBytes, [sizeBytes]]);
    const [actual, expected] = [await (await opened(file)).read('table'), await source.read('table')];
    expect(Buffer.from(actual.buffer).equals(Buffer.from(expected.buffer))).toBe(true);
  });

  it('stops when it is cancelled within a tensor', async () => {
    const abort = new AbortController();
    const source = new FakeTensorSource(new Map([['table', [1200, 1000]]]));
    const file = target();
    const onProgress = (done: number) => done > 1_000_000 && abort.abort();
    const writing = writeSafetensors(file, source, { signal: abort.signal, onProgress });
    await expect(writing).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(statSync(file).size).toBeLessThan(4_800_000);
  });

  it('never overwrites a file', async () => {
    const file = target();
    writeFileSync(file, 'kept');
    await expect(writeSafetensors(file, new FakeTensorSource(new Map()))).rejects.toMatchObject({ code: 'EEXIST' });
    expect(readFileSync(file, 'utf8')).toBe('kept');
  });

  it('passes on why a tensor cannot be read', async () => {
    const source = await checkpoint({ ids: { dtype: 'I64', shape: [1], bytes: new Uint8Array(8) } });
    const file = target();
    await expect(writeSafetensors(file, source)).rejects.toMatchObject({ code: 'BAD_CHECKPOINT' });
    expect(existsSync(file)).toBe(true);
  });
});
