import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CheckpointFile } from '../../../src/checkpoint/checkpointFile.ts';
import { type ProtobufField, ProtobufFile } from '../../../src/checkpoint/onnx/protobufFields.ts';
import { ProtobufWriter } from '../../../src/onnx/protobufWriter.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

async function openBytes(bytes: Uint8Array) {
  const name = path.join(temporaryFolder(), 'model.onnx');
  writeFileSync(name, bytes);
  const file = await CheckpointFile.open(name);
  onTestFinished(() => file.close());
  const protobuf = new ProtobufFile(file);
  const fields = async () => {
    const all: ProtobufField[] = [];
    for await (const field of protobuf.fields({ begin: 0, end: bytes.length })) all.push(field);
    return all;
  };
  return { protobuf, fields };
}

describe('ProtobufFile', () => {
  it.each([0, 1, 127, 128, 300, 2 ** 40, Number.MAX_SAFE_INTEGER, -1, -300])('reads the integer %d', async (value) => {
    const { fields } = await openBytes(new ProtobufWriter().integer(3, value).finish());
    expect(await fields()).toEqual([
      { number: 3, integer: BigInt(value), content: undefined, next: expect.any(Number) },
    ]);
  });

  it('passes over content and fixed numbers, and reads a string when asked', async () => {
    const large = new Uint8Array(100_000);
    const { protobuf, fields } = await openBytes(
      new ProtobufWriter().bytes(1, large).float(2, 1.5).string(700, 'Größe').integer(4, 5).finish(),
    );
    const all = await fields();
    expect(all.map(({ number }) => number)).toEqual([1, 2, 700, 4]);
    const content = all[2]?.content ?? { begin: 0, end: 0 };
    expect(await protobuf.string(content, 7)).toBe('Größe');
    await expect(protobuf.string(content, 6)).rejects.toMatchObject({ code: 'BAD_CHECKPOINT' });
  });

  it('reads a packed list, but no longer one than it may be', async () => {
    const { protobuf, fields } = await openBytes(new ProtobufWriter().bytes(1, Uint8Array.of(1, 0x80, 1, 7)).finish());
    const content = (await fields())[0]?.content ?? { begin: 0, end: 0 };
    expect(await protobuf.packedIntegers(content, 3)).toEqual([1n, 128n, 7n]);
    await expect(protobuf.packedIntegers(content, 2)).rejects.toMatchObject({ code: 'BAD_CHECKPOINT' });
  });

  it.each<[string, number[]]>([
    ['a tag without a value', [0x08]],
    ['a tag of field 0', [0x00, 0x01]],
    ['an integer that does not end', [0x08, ...new Array<number>(10).fill(0xff), 1]],
    ['a length beyond the end', [0x0a, 0x05, 1, 2]],
    ['a negative length', [0x0a, ...new Array<number>(9).fill(0xff), 1]],
    ['half a float', [0x0d, 0, 0]],
    ['half a double', [0x09, 0, 0, 0, 0]],
    ['a group, which nobody writes any more', [0x0b, 0x0c]],
    ['a wire type of the future', [0x0f, 0x01]],
  ])('refuses %s', async (_, bytes) => {
    const { fields } = await openBytes(Uint8Array.from(bytes));
    await expect(fields()).rejects.toMatchObject({ name: 'UserError', code: 'BAD_CHECKPOINT' });
  });

  it('gives up on a file that is nothing but fields', async () => {
    const { fields } = await openBytes(new Uint8Array(2_100_000).fill(0x08));
    await expect(fields()).rejects.toMatchObject({ message: expect.stringContaining('more than 1000000 fields') });
  });
});
