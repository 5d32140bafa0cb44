import { describe, expect, it } from 'vitest';
import { ProtobufWriter } from '../../src/onnx/protobufWriter.ts';

const hex = (writer: ProtobufWriter) => Buffer.from(writer.finish()).toString('hex');

describe('ProtobufWriter', () => {
  it.each([
    [0, '0800'],
    [1, '0801'],
    [127, '087f'],
    [128, '088001'],
    [150, '089601'],
    [300, '08ac02'],
    [2 ** 32, '088080808010'],
    [Number.MAX_SAFE_INTEGER, '08ffffffffffffff0f'],
    [-1, '08ffffffffffffffffff01'],
    [-2, '08feffffffffffffffff01'],
  ])('writes the integer %d as the encoding guide does', (value, expected) => {
    expect(hex(new ProtobufWriter().integer(1, value))).toBe(expected);
  });

  it('writes field numbers beyond 15 in two bytes', () => {
    expect(hex(new ProtobufWriter().integer(20, 7))).toBe('a00107');
  });

  it('writes a float as four little-endian bytes', () => {
    expect(hex(new ProtobufWriter().float(2, 1.5))).toBe('150000c03f');
  });

  it('writes a string as UTF-8 behind its length in bytes', () => {
    expect(hex(new ProtobufWriter().string(2, 'tést'))).toBe('120574c3a97374');
  });

  it('writes a nested message behind its length', () => {
    expect(hex(new ProtobufWriter().message(3, new ProtobufWriter().integer(1, 150)))).toBe('1a03089601');
  });

  it('keeps every byte when it outgrows its buffer', () => {
    const content = Uint8Array.from({ length: 1000 }, (_, index) => index % 251);
    const bytes = new ProtobufWriter().integer(1, 5).bytes(2, content).integer(3, 6).finish();
    expect(Buffer.from(bytes).toString('hex')).toBe(`080512e807${Buffer.from(content).toString('hex')}1806`);
  });

  it.each([0.5, Number.NaN, 2 ** 53])('refuses %d as an integer', (value) => {
    expect(() => new ProtobufWriter().integer(1, value)).toThrow('no safe integer');
  });
});
