import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SafetensorsFile } from '../../src/checkpoint/safetensors.ts';
import { float32Tensor, halfTensor, safetensorsBytes, safetensorsFromHeader } from '../support/safetensorsBytes.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const sample = safetensorsBytes({
  matrix: float32Tensor([2, 3], [1, -2, 3.5, 0, 1e-30, 6]),
  half: halfTensor('F16', [2], [0x3c00, 0xc000]),
  brain: halfTensor('BF16', [2], [0x3f80, 0xc000]),
  double: { dtype: 'F64', shape: [1], bytes: new Uint8Array(Float64Array.of(0.1).buffer) },
  position_ids: { dtype: 'I64', shape: [1, 2], bytes: new Uint8Array(16) },
  scalar: float32Tensor([], [7]),
  empty: float32Tensor([0, 4], []),
});
const sampleDataStart = 8 + Number(Buffer.from(sample).readBigUInt64LE());

async function openBytes(bytes: Uint8Array): Promise<SafetensorsFile> {
  const file = path.join(temporaryFolder(), 'model.safetensors');
  writeFileSync(file, bytes);
  const source = await SafetensorsFile.open(file);
  onTestFinished(() => source.close());
  return source;
}

function expectRefusal(bytes: Uint8Array, message: string | RegExp) {
  return expect(openBytes(bytes)).rejects.toMatchObject({
    name: 'UserError',
    code: 'BAD_CHECKPOINT',
    message: typeof message === 'string' ? expect.stringContaining(message) : expect.stringMatching(message),
  });
}

describe('SafetensorsFile', () => {
  it('lists the tensors without the metadata, with shapes and types', async () => {
    const source = await openBytes(sample);
    expect(source.names()).toEqual(['matrix', 'half', 'brain', 'double', 'position_ids', 'scalar', 'empty']);
    expect(source.shape('matrix')).toEqual([2, 3]);
    expect(source.shape('scalar')).toEqual([]);
    expect(source.dtype('brain')).toBe('BF16');
  });

  it.each([
    ['matrix', [1, -2, 3.5, 0, Math.fround(1e-30), 6]],
    ['half', [1, -2]],
    ['brain', [1, -2]],
    ['double', [Math.fround(0.1)]],
    ['scalar', [7]],
    ['empty', []],
  ])('reads %s as float32', async (name, expected) => {
    const source = await openBytes(sample);
    expect([...(await source.read(name))]).toEqual(expected);
  });

  it('tells where float32 tensors lie, and of no other', async () => {
    const source = await openBytes(sample);
    expect(source.location('matrix')).toMatchObject({ offset: sampleDataStart, length: 24 });
    expect(source.location('half')).toBeUndefined();
  });

  it('does not offer float32 data in place that lies at an odd address', async () => {
    const text = '{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} ';
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    const source = await openBytes(Buffer.concat([length, Buffer.from(text), Buffer.from(Float32Array.of(3).buffer)]));
    expect(source.location('x')).toBeUndefined();
    expect([...(await source.read('x'))]).toEqual([3]);
  });

  it('tolerates integers until they are read', async () => {
    const source = await openBytes(sample);
    await expect(source.read('position_ids')).rejects.toMatchObject({ code: 'BAD_CHECKPOINT' });
  });

  it('takes an unknown name for a mistake of the program', async () => {
    const source = await openBytes(sample);
    expect(() => source.shape('nothing')).toThrow('no tensor nothing');
  });

  it('says that a missing file is missing', async () => {
    const file = path.join(temporaryFolder(), 'model.safetensors');
    await expect(SafetensorsFile.open(file)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  });

  it('notices that the file shrank after it was opened', async () => {
    const file = path.join(temporaryFolder(), 'model.safetensors');
    writeFileSync(file, sample);
    const source = await SafetensorsFile.open(file);
    onTestFinished(() => source.close());
    writeFileSync(file, sample.subarray(0, sampleDataStart + 20));
    await expect(source.read('matrix')).rejects.toMatchObject({ code: 'BAD_CHECKPOINT' });
  });
});

describe('a damaged safetensors file', () => {
  it.each([
    ['empty', 0],
    ['cut inside the length', 5],
    ['cut after the length', 8],
    ['cut inside the header', 40],
    ['cut before the last byte of the header', sampleDataStart - 1],
    ['cut after the header', sampleDataStart],
    ['cut inside the first tensor', sampleDataStart + 10],
    ['cut between two tensors', sampleDataStart + 24],
    ['cut before the last byte', sample.length - 1],
  ])('is refused when it is %s', async (_, size) => {
    await expectRefusal(
      sample.subarray(0, size),
      new RegExp(`^model.safetensors ends after ${size} bytes but .* again`),
    );
  });

  it('is refused at whatever byte it is cut', async () => {
    const file = path.join(temporaryFolder(), 'model.safetensors');
    for (let size = 0; size < sample.length; size++) {
      writeFileSync(file, sample.subarray(0, size));
      await expect(SafetensorsFile.open(file)).rejects.toMatchObject({ code: 'BAD_CHECKPOINT' });
    }
  });

  const entry = (shape: unknown, offsets: unknown, dtype: unknown = 'F32') => ({
    dtype,
    shape,
    data_offsets: offsets,
  });
  it.each<[string, unknown, number, string]>([
    ['is not JSON', '{"x": ', 0, 'not JSON'],
    ['is an array', [], 0, 'not a JSON object'],
    ['has an entry that is no object', { x: 4 }, 0, 'the entry of x'],
    ['has no element type', { x: entry([1], [0, 4], null) }, 4, 'x has no element type'],
    ['has an element type of the future', { x: entry([4], [0, 4], 'F8_E4M3') }, 4, 'F8_E4M3'],
    ['has an element type named like a method', { x: entry([4], [0, 4], 'toString') }, 4, 'toString'],
    ['has a shape that is no list', { x: entry(4, [0, 4]) }, 4, 'x has no valid shape'],
    ['has a negative size', { x: entry([-1], [0, 4]) }, 4, 'x has no valid shape'],
    ['has a fractional size', { x: entry([0.5], [0, 2]) }, 2, 'x has no valid shape'],
    ['has no offsets', { x: entry([1], undefined) }, 4, 'x has no valid data_offsets'],
    ['has one offset', { x: entry([1], [4]) }, 4, 'x has no valid data_offsets'],
    ['has offsets the wrong way round', { x: entry([1], [4, 0]) }, 4, 'spans -4 bytes'],
    ['has more bytes than the shape needs', { x: entry([1], [0, 8]) }, 8, 'its shape [1] needs 4'],
    ['has fewer bytes than the shape needs', { x: entry([2, 2], [0, 8]) }, 8, 'its shape [2, 2] needs 16'],
    ['has tensors that overlap', { x: entry([2], [0, 8]), y: entry([2], [4, 12]) }, 12, 'y overlaps'],
    ['has a hole', { x: entry([1], [0, 4]), y: entry([1], [8, 12]) }, 12, '4 bytes before y'],
    ['has a rest', { x: entry([1], [0, 4]) }, 9, '5 bytes after the last tensor'],
    ['promises more than there is', { x: entry([1], [0, 4]) }, 2, 'ends after'],
  ])('is refused when its header %s', async (_, header, dataBytes, message) => {
    await expectRefusal(safetensorsFromHeader(header, new Uint8Array(dataBytes)), message);
  });

  it('is refused, without reserving memory, when it begins with other bytes', async () => {
    await expectRefusal(Buffer.from('PK\u0003\u0004 this is a zip archive'), 'does not begin like a safetensors file');
  });
});
