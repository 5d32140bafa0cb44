import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { PytorchFile } from '../../../src/checkpoint/pytorch/pytorchFile.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';
import { bytesOf, call, dict, global, list, pickleOf, text } from './pickleBytes.ts';
import {
  archiveBytes,
  floatBytes,
  legacyBytes,
  type PytorchContent,
  smallContent,
  storageReference,
  tensor,
} from './pytorchBytes.ts';

async function openBytes(bytes: Uint8Array): Promise<PytorchFile> {
  const file = path.join(temporaryFolder(), 'pytorch_model.bin');
  writeFileSync(file, bytes);
  const source = await PytorchFile.open(file);
  onTestFinished(() => source.close());
  return source;
}

const expectRefusal = (bytes: Uint8Array, message: string) =>
  expect(openBytes(bytes)).rejects.toMatchObject({
    name: 'UserError',
    code: 'BAD_CHECKPOINT',
    message: expect.stringContaining(message),
  });

const layouts = [
  { layout: 'zip', write: archiveBytes },
  { layout: 'legacy', write: legacyBytes },
] as const;

describe.each(layouts)('PytorchFile in the $layout layout', ({ write }) => {
  const storage = floatBytes(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
  const shared = { key: '0', length: 12 };
  const content: PytorchContent = {
    saved: dict({
      matrix: tensor({ ...shared, shape: [3, 4], strides: [4, 1] }),
      slice: tensor({ ...shared, offset: 5, shape: [4] }),
      columns: tensor({ ...shared, offset: 1, shape: [3, 2], strides: [4, 2] }),
      transposed: tensor({ ...shared, shape: [4, 3], strides: [1, 4] }),
      expanded: tensor({ ...shared, offset: 11, shape: [2, 3], strides: [0, 0] }),
      cube: tensor({ ...shared, shape: [2, 2, 3], strides: [1, 6, 2] }),
      scalar: tensor({ ...shared, offset: 7, shape: [], strides: [] }),
      empty: tensor({ ...shared, shape: [0, 4], strides: [4, 1] }),
      row: tensor({ ...shared, shape: [1, 4], strides: [99, 1] }),
      parameter: call(global('torch._utils', '_rebuild_parameter'), tensor(shared), bytesOf(0x88), dict({})),
    }),
    storages: { 0: storage },
  };

  it.each([
    ['matrix', [3, 4], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]],
    ['slice', [4], [5, 6, 7, 8]],
    ['columns', [3, 2], [1, 3, 5, 7, 9, 11]],
    ['transposed', [4, 3], [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11]],
    ['expanded', [2, 3], [11, 11, 11, 11, 11, 11]],
    ['cube', [2, 2, 3], [0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11]],
    ['scalar', [], [7]],
    ['empty', [0, 4], []],
    ['row', [1, 4], [0, 1, 2, 3]],
    ['parameter', [12], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]],
  ])('reads the tensor %s', async (name, shape, elements) => {
    const source = await openBytes(write(content));
    expect(source.shape(name)).toEqual(shape);
    expect([...(await source.read(name))]).toEqual(elements);
  });

  it('lists the tensors in their order', async () => {
    const names = [
      'matrix',
      'slice',
      'columns',
      'transposed',
      'expanded',
      'cube',
      'scalar',
      'empty',
      'row',
      'parameter',
    ];
    expect((await openBytes(write(content))).names()).toEqual(names);
  });

  it('tells no place of a tensor whose elements have to be gathered', async () => {
    const source = await openBytes(write(content));
    for (const name of ['columns', 'transposed', 'expanded', 'cube']) expect(source.location(name)).toBeUndefined();
  });

  it.each(['state_dict', 'model_state_dict', 'model'])('finds the weights under %s', async (key) => {
    const source = await openBytes(
      write({ ...content, saved: dict({ epoch: 3, [key]: content.saved as Uint8Array }) }),
    );
    expect(source.names()).toContain('matrix');
    expect(source.names()).not.toContain(key);
  });

  it('passes over what is no tensor', async () => {
    const saved = dict({ version: 2, weight: tensor(shared), note: text('hello'), nested: list() });
    expect((await openBytes(write({ ...content, saved }))).names()).toEqual(['weight']);
  });

  it('keeps names apart that mean something in JavaScript', async () => {
    const saved = bytesOf(dict({ constructor: tensor(shared) }), text('__proto__'), tensor(shared), 's');
    expect((await openBytes(write({ ...content, saved }))).names()).toEqual(['constructor', '__proto__']);
  });

  it('takes a name that is not in the file for a mistake of the program', async () => {
    const source = await openBytes(write(content));
    expect(() => source.shape('other')).toThrow('pytorch_model.bin has no tensor other');
    await expect(source.read('toString')).rejects.toThrow('pytorch_model.bin has no tensor toString');
  });

  it.each<[string, Uint8Array, string]>([
    ['no tensors', dict({ a: 1, bare: storageReference(shared) }), 'holds no tensors under names'],
    ['a list of tensors', list(tensor(shared)), 'holds no tensors under names'],
    ['a tensor beyond its storage', dict({ a: tensor({ ...shared, offset: 1 }) }), 'a reaches beyond the 12 elements'],
    ['strides beyond the storage', dict({ a: tensor({ ...shared, shape: [2], strides: [12] }) }), 'a reaches beyond'],
    [
      'sizes whose product is not a number',
      dict({ a: tensor({ ...shared, shape: new Array(40).fill(2 ** 31 - 1), strides: new Array(40).fill(1) }) }),
      'a reaches beyond',
    ],
    [
      'an expansion beyond measure',
      dict({ a: tensor({ ...shared, shape: [2 ** 20, 2 ** 20], strides: [0, 0] }) }),
      'blows a up to 1099511627776 elements',
    ],
    ['a negative size', dict({ a: tensor({ ...shared, shape: [-1] }) }), 'calls torch._utils._rebuild_tensor_v2'],
    [
      'a negative stride',
      dict({ a: tensor({ ...shared, offset: 11, shape: [12], strides: [-1] }) }),
      'calls torch._utils._rebuild_tensor_v2',
    ],
    ['a negative offset', dict({ a: tensor({ ...shared, offset: -1 }) }), 'calls torch._utils._rebuild_tensor_v2'],
    [
      'fewer strides than sizes',
      dict({ a: tensor({ ...shared, shape: [3, 4] }) }),
      'calls torch._utils._rebuild_tensor_v2',
    ],
    [
      'more dimensions than torch has',
      dict({ a: tensor({ ...shared, shape: new Array(65).fill(1), strides: new Array(65).fill(1) }) }),
      'calls torch._utils._rebuild_tensor_v2',
    ],
    [
      'a command',
      dict({ a: tensor(shared), b: call(global('os', 'system'), text('true')) }),
      'pytorch_model.bin asks to run os.system, which no model needs',
    ],
  ])('refuses %s', async (_, saved, message) => {
    await expectRefusal(write({ ...content, saved }), message);
  });

  it('refuses a storage of another size than the file holds', async () => {
    for (const length of [11, 13]) {
      const saved = dict({ a: tensor({ key: '0', length, shape: [1] }) });
      await expectRefusal(
        write({ ...content, saved }),
        length === 11 && write === legacyBytes ? 'in place of 11' : 'bytes',
      );
    }
  });

  it('refuses a file that was cut off, wherever', async () => {
    const bytes = write(smallContent);
    for (let length = 0; length < bytes.length; length++) {
      await expect(openBytes(bytes.subarray(0, length))).rejects.toMatchObject({ code: 'BAD_CHECKPOINT' });
    }
  });
});

describe('PytorchFile', () => {
  const bytesOfType: readonly [string, string, readonly number[], readonly number[]][] = [
    ['DoubleStorage', 'F64', [0, 0, 0, 0, 0, 0, 0xf8, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0xc0], [1.5, -2]],
    ['FloatStorage', 'F32', [0, 0, 0xc0, 0x3f, 0, 0, 0, 0xc0], [1.5, -2]],
    ['HalfStorage', 'F16', [0, 0x3e, 0, 0xc0], [1.5, -2]],
    ['BFloat16Storage', 'BF16', [0xc0, 0x3f, 0, 0xc0], [1.5, -2]],
  ];

  it.each(bytesOfType)('reads elements of %s in both orders of bytes', async (type, dtype, bytes, elements) => {
    const saved = dict({ a: tensor({ key: '0', length: 2, type }) });
    const width = bytes.length / 2;
    const turned = [...bytes.slice(0, width).reverse(), ...bytes.slice(width).reverse()];
    for (const [order, stored] of [
      ['little', bytes],
      ['big', turned],
    ] as const) {
      const source = await openBytes(archiveBytes({ saved, storages: { 0: Uint8Array.from(stored) } }, order));
      expect(source.dtype('a')).toBe(dtype);
      expect([...(await source.read('a'))]).toEqual(elements);
      expect(source.location('a') !== undefined).toBe(false);
    }
  });

  it.each([
    ['LongStorage', 'I64', 8],
    ['IntStorage', 'I32', 4],
    ['ShortStorage', 'I16', 2],
    ['CharStorage', 'I8', 1],
    ['ByteStorage', 'U8', 1],
    ['BoolStorage', 'BOOL', 1],
    ['UntypedStorage', 'U8', 1],
  ])('tolerates elements of %s and refuses to read them', async (type, dtype, width) => {
    const saved = dict({ a: tensor({ key: '0', length: 3, type }) });
    const source = await openBytes(archiveBytes({ saved, storages: { 0: new Uint8Array(3 * width) } }));
    expect(source.dtype('a')).toBe(dtype);
    await expect(source.read('a')).rejects.toMatchObject({
      code: 'BAD_CHECKPOINT',
      message: expect.stringContaining(`pytorch_model.bin stores a as ${dtype}`),
    });
  });

  it('reads a view of a storage, as old versions wrote it', async () => {
    const view = { begin: 2, length: 3 };
    const storages = { 0: floatBytes(0, 1, 2, 3, 4, 5) };
    const inside = dict({ a: tensor({ key: '0', length: 6, view, offset: 1, shape: [2] }) });
    expect([...(await (await openBytes(legacyBytes({ saved: inside, storages }))).read('a'))]).toEqual([3, 4]);
    const beyond = dict({ a: tensor({ key: '0', length: 6, view, offset: 2, shape: [2] }) });
    await expectRefusal(legacyBytes({ saved: beyond, storages }), 'a reaches beyond the 3 elements of its storage');
  });

  it('reads a pickle that is longer than the first look at the file', async () => {
    const notes = Object.fromEntries(
      Array.from({ length: 3000 }, (_, index) => [`note ${index}`, text('x'.repeat(200))]),
    );
    const saved = dict({ ...notes, weight: tensor({ key: '0', length: 2 }) });
    const source = await openBytes(legacyBytes({ saved, storages: { 0: floatBytes(1, 2) } }));
    expect([...(await source.read('weight'))]).toEqual([1, 2]);
  });

  it('says so when a legacy file has other storages than its tensors', async () => {
    const { saved } = smallContent;
    await expectRefusal(legacyBytes({ saved, storages: {} }), '1 of its storages are missing');
    await expectRefusal(legacyBytes({ saved, storages: { 8: floatBytes(1) } }), 'list of storages does not fit');
  });

  it.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(0), 'does not begin like a file of torch.save'],
    ['text', Buffer.from('<!DOCTYPE html>'), 'does not begin like a file of torch.save'],
    ['a pointer of Git LFS', Buffer.from('version https://git-lfs.github.com/spec/v1\n'), 'only a pointer of Git LFS'],
    ['a pickle of something else', pickleOf(dict({})), 'does not begin like a file of torch.save'],
    [
      'a pickle that runs code before all checks',
      pickleOf(call(global('os', 'system'), text('true'))),
      'asks to run os.system',
    ],
  ])('refuses %s', async (_, bytes, message) => {
    await expectRefusal(bytes, message);
  });

  it('tells a missing file from a folder', async () => {
    const folder = temporaryFolder();
    await expect(PytorchFile.open(path.join(folder, 'pytorch_model.bin'))).rejects.toMatchObject({
      code: 'FILE_NOT_FOUND',
      message: 'There is no pytorch_model.bin: choose a folder that holds one.',
    });
    await expect(PytorchFile.open(folder)).rejects.toMatchObject({ name: 'UserError', code: 'IO_ERROR' });
  });

  it('notices that the file has become shorter since it was opened', async () => {
    const file = path.join(temporaryFolder(), 'pytorch_model.bin');
    writeFileSync(file, archiveBytes(smallContent));
    const source = await PytorchFile.open(file);
    onTestFinished(() => source.close());
    writeFileSync(file, '');
    await expect(source.read('matrix')).rejects.toMatchObject({
      code: 'BAD_CHECKPOINT',
      message: expect.stringContaining('became shorter'),
    });
  });
});
