import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { OnnxInitializers } from '../../../src/checkpoint/onnx/onnxInitializers.ts';
import { SafetensorsFile } from '../../../src/checkpoint/safetensors.ts';
import { ProtobufWriter } from '../../../src/onnx/protobufWriter.ts';
import { allTensors, formatsFolder, goldenDifference, hasFormats } from '../../support/goldenLogits.ts';
import { floatBytes, onnxBytes, type TestTensor } from '../../support/onnxBytes.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

const matrix: TestTensor = { name: 'matrix', dims: [2, 3], raw: floatBytes(1, 2, 3, 4, 5, 6) };
const small = onnxBytes([
  matrix,
  { name: 'half', dims: [2], dataType: 10, raw: new Uint8Array(Uint16Array.of(0x3c00, 0xc000).buffer) },
  { name: 'brain', dims: [1], dataType: 16, raw: new Uint8Array(Uint16Array.of(0x3f80).buffer) },
  { name: 'double', dims: [1], dataType: 11, raw: new Uint8Array(Float64Array.of(0.1).buffer) },
  { name: 'typed', dims: [2], floats: floatBytes(7, 8) },
  { name: 'scalar', dims: [], raw: floatBytes(9) },
  { name: 'empty', dims: [0, 4] },
  { name: 'ids', dims: [1], dataType: 7, raw: new Uint8Array(8) },
  { name: 'text', dims: [1], dataType: 8 },
]);

async function openFile(file: string): Promise<OnnxInitializers> {
  const source = await OnnxInitializers.open(file);
  onTestFinished(() => source.close());
  return source;
}

function openBytes(bytes: Uint8Array): Promise<OnnxInitializers> {
  const file = path.join(temporaryFolder(), 'model.onnx');
  writeFileSync(file, bytes);
  return openFile(file);
}

const refusal = (message: string) => ({
  name: 'UserError',
  code: 'BAD_CHECKPOINT',
  message: expect.stringContaining(message),
});

describe('OnnxInitializers', () => {
  it('lists tensors with shapes and types, but none of strings', async () => {
    const source = await openBytes(small);
    expect(source.names()).toEqual(['matrix', 'half', 'brain', 'double', 'typed', 'scalar', 'empty', 'ids']);
    expect([source.shape('matrix'), source.shape('scalar'), source.shape('empty')]).toEqual([[2, 3], [], [0, 4]]);
    expect([source.dtype('half'), source.dtype('brain'), source.dtype('ids')]).toEqual(['F16', 'BF16', 'I64']);
  });

  it.each([
    ['matrix', [1, 2, 3, 4, 5, 6]],
    ['half', [1, -2]],
    ['brain', [1]],
    ['double', [Math.fround(0.1)]],
    ['typed', [7, 8]],
    ['scalar', [9]],
    ['empty', []],
  ])('reads %s as float32', async (name, expected) => {
    expect([...(await (await openBytes(small)).read(name))]).toEqual(expected);
  });

  it('tolerates integers until they are read', async () => {
    await expect((await openBytes(small)).read('ids')).rejects.toMatchObject(refusal('stores ids as I64'));
  });

  it('tolerates elements that are stored one by one until they are read', async () => {
    const source = await openBytes(onnxBytes([{ name: 'odd', dims: [1], dataType: 10 }]));
    await expect(source.read('odd')).rejects.toMatchObject(refusal('stores odd as no exporter of PyTorch does'));
  });

  it('takes an unknown name for a mistake of the program', async () => {
    const source = await openBytes(small);
    expect(() => source.shape('nothing')).toThrow('no tensor nothing');
  });

  it('says that a missing file is missing', async () => {
    const file = path.join(temporaryFolder(), 'model.onnx');
    await expect(OnnxInitializers.open(file)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  });

  it('notices that the file shrank after it was opened', async () => {
    const file = path.join(temporaryFolder(), 'model.onnx');
    writeFileSync(file, small);
    const source = await openFile(file);
    truncateSync(file, 10);
    await expect(source.read('matrix')).rejects.toMatchObject(refusal('became shorter'));
  });
});

describe('external data', () => {
  const beside = (entries: Record<string, string>): TestTensor => ({ name: 'matrix', dims: [2, 3], external: entries });

  async function openBeside(entries: Record<string, string>, dataFile = 'weights/model.onnx.data') {
    const folder = temporaryFolder();
    mkdirSync(path.join(folder, 'weights'));
    writeFileSync(path.join(folder, dataFile), Buffer.concat([new Uint8Array(8), floatBytes(1, 2, 3, 4, 5, 6)]));
    writeFileSync(path.join(folder, 'model.onnx'), onnxBytes([beside(entries)]));
    return openFile(path.join(folder, 'model.onnx'));
  }

  it.each([
    ['with', { location: 'weights/model.onnx.data', offset: '8', length: '24', checksum: 'x'.repeat(9000) }],
    ['without', { location: 'weights/model.onnx.data', offset: '8' }],
  ])('is read from the file beside the model %s a length', async (_, entries) => {
    expect([...(await (await openBeside(entries)).read('matrix'))]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it.each<[string, string, Record<string, string>]>([
    ['leads out of the folder', 'does not lie beside it', { location: '../weights' }],
    ['leads out of the folder further on', 'does not lie beside it', { location: 'a/../../weights' }],
    ['is absolute', 'does not lie beside it', { location: '/etc/passwd' }],
    ['is absolute on Windows', 'does not lie beside it', { location: 'C:weights' }],
    ['leads out of the folder on Windows', 'does not lie beside it', { location: '..\\weights' }],
    ['is not given', 'does not lie beside it', { offset: '8' }],
    ['has an offset that is no number', 'the offset of its', { location: 'weights/model.onnx.data', offset: '-8' }],
    ['has another length than the shape', 'has 20 bytes', { location: 'weights/model.onnx.data', length: '20' }],
    ['lies beyond the end', 'ends after 32 bytes', { location: 'weights/model.onnx.data', offset: '9' }],
  ])('is refused when it %s', async (_, message, entries) => {
    await expect(openBeside(entries)).rejects.toMatchObject(refusal(message));
  });

  it('is missed when the model was copied without it', async () => {
    const open = openBeside({ location: 'weights/model.onnx.data' }, 'elsewhere');
    await expect(open).rejects.toMatchObject({
      code: 'FILE_NOT_FOUND',
      message: expect.stringContaining('model.onnx.data'),
    });
  });
});

describe('a damaged ONNX model', () => {
  const tensor = (change: Partial<TestTensor>) => onnxBytes([{ ...matrix, ...change }]);
  it.each<[string, string, Uint8Array]>([
    ['is empty', 'holds no ONNX graph', new Uint8Array(0)],
    ['is text', 'is damaged', Buffer.from('version https://git-lfs.github.com/spec/v1\n')],
    ['has no graph', 'holds no ONNX graph', new ProtobufWriter().integer(1, 8).finish()],
    ['has two tensors of one name', 'two tensors of one name', onnxBytes([matrix, matrix])],
    ['has too little data', 'has 20 bytes but its shape [2, 3] needs 24', tensor({ raw: new Uint8Array(20) })],
    ['has data twice', 'matrix has its data twice', tensor({ floats: floatBytes(1, 2, 3, 4, 5, 6) })],
    ['has a negative size', 'no valid shape', tensor({ dims: [-2, -3] })],
    ['has a size beyond all bounds', 'no valid shape', tensor({ dims: [2 ** 50, 2 ** 50] })],
    ['has too many dimensions', 'more than 32 dimensions', tensor({ dims: new Array<number>(33).fill(1) })],
    ['has a name without end', 'a name is 5000 bytes long', tensor({ name: 'x'.repeat(5000) })],
  ])('is refused when it %s', async (_, message, bytes) => {
    await expect(openBytes(bytes)).rejects.toMatchObject(refusal(message));
  });

  it('is refused wherever it is cut', async () => {
    for (let size = 0; size < small.length; size++) {
      await expect(openBytes(small.subarray(0, size))).rejects.toMatchObject({ code: 'BAD_CHECKPOINT' });
    }
  });

  it('is read or refused in few words when bits of it are wrong', async () => {
    const file = path.join(temporaryFolder(), 'model.onnx');
    const flip = fc.record({ offset: fc.nat({ max: small.length - 1 }), mask: fc.integer({ min: 1, max: 255 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(flip, { minLength: 1, maxLength: 6 }), async (flips) => {
        const damaged = Uint8Array.from(small);
        for (const { offset, mask } of flips) damaged[offset] = (damaged[offset] ?? 0) ^ mask;
        writeFileSync(file, damaged);
        for (const reason of await failures(file)) expect(reason).toMatchObject({ name: 'UserError' });
      }),
      { numRuns: 1000, seed: 4 },
    );
  });
});

/** Opens a file and reads all of it. @returns why it, or any of its tensors, could not be read */
async function failures(file: string): Promise<unknown[]> {
  let source: OnnxInitializers;
  try {
    source = await OnnxInitializers.open(file);
  } catch (error) {
    return [error];
  }
  const results = await Promise.allSettled(source.names().map((name) => source.read(name)));
  await source.close();
  return results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
}

describe.skipIf(!hasFormats)('the model.onnx that PyTorch exported', () => {
  const folder = 'tiny_seriousness_onnx';
  const openSample = () => openFile(path.join(formatsFolder, folder, 'model.onnx'));

  it('holds the tensors of the safetensors file, to the bit', async () => {
    const expected = await SafetensorsFile.open(path.join(formatsFolder, 'tiny_seriousness', 'model.safetensors'));
    onTestFinished(() => expected.close());
    const tensors = Object.entries(await allTensors(await openSample()));
    // The model was exported from inside a module that calls it m.
    const unwrapped = Object.fromEntries(tensors.map(([name, tensor]) => [name.replace(/^m\./, ''), tensor]));
    expect(unwrapped).toEqual(await allTensors(expected));
  });

  it('gives the golden logits', async () => {
    expect(await goldenDifference(await openSample(), folder)).toBeLessThan(1e-4);
  });
});
