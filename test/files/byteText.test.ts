import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { byteTextFor, detectEncoding } from '../../src/files/byteText.ts';

const TEXT = 'ID,Narrative\n1,"naïve café – 38 °C"\n';
const bytes = (...values: number[]) => Buffer.from(values);
const encoded = (encoding: string, text = TEXT) => iconv.encode(text, encoding, { addBOM: false });

describe('detectEncoding', () => {
  it.each<[string, Buffer, string, number]>([
    ['nothing', Buffer.alloc(0), 'utf-8', 0],
    ['ASCII', Buffer.from('ID,Narrative\n'), 'utf-8', 0],
    ['UTF-8', Buffer.from(TEXT), 'utf-8', 0],
    ['UTF-8 with its mark', Buffer.from(`\ufeff${TEXT}`), 'utf-8', 3],
    ['the mark of UTF-8 alone', bytes(0xef, 0xbb, 0xbf), 'utf-8', 3],
    ['UTF-8 that the end of the sample cuts', Buffer.from('é'.repeat(10)).subarray(0, 19), 'utf-8', 0],
    ['an emoji that the end of the sample cuts', Buffer.from('fever 😀').subarray(0, -1), 'utf-8', 0],
    ['Windows-1252', encoded('windows-1252'), 'windows-1252', 0],
    ['a continuation byte alone', bytes(0x61, 0x2c, 0x92, 0x0a), 'windows-1252', 0],
    ['UTF-16 LE with its mark', Buffer.concat([bytes(0xff, 0xfe), encoded('utf-16le')]), 'utf-16le', 2],
    ['UTF-16 BE with its mark', Buffer.concat([bytes(0xfe, 0xff), encoded('utf-16be')]), 'utf-16be', 2],
    ['UTF-16 LE without a mark', encoded('utf-16le'), 'utf-16le', 0],
    ['UTF-16 BE without a mark', encoded('utf-16be'), 'utf-16be', 0],
    ['UTF-8 with a zero byte or two', Buffer.from('ID,Narrative\n1,a\0b\0c\n'), 'utf-8', 0],
  ])('of %s', (_, sample, encoding, bomLength) => {
    expect(detectEncoding(sample)).toEqual({ encoding, bomLength });
  });
});

describe('byteTextFor', () => {
  it.each([
    ['utf-8', 'utf-8'],
    ['UTF8', 'utf-8'],
    ['utf-8-bom', 'utf-8'],
    ['cp1252', 'windows-1252'],
    ['Windows-1252', 'windows-1252'],
    ['utf16', 'utf-16le'],
    ['UTF-16BE', 'utf-16be'],
    ['ucs-2', 'utf-16le'],
    ['latin1', 'latin1'],
    ['shift_jis', 'shift_jis'],
  ])('knows the encoding "%s"', (name, encoding) => {
    expect(byteTextFor(Buffer.from('a'), name).encoding).toBe(encoding);
  });

  it.each(['ebcdic-nonsense', '', 'utf-9', 'utf-32', 'utf-7', 'base64', 'hex'])('refuses the encoding "%s"', (name) => {
    expect(() => byteTextFor(Buffer.from('a'), name)).toThrowError(
      expect.objectContaining({ name: 'UserError', code: 'BAD_ENCODING' }),
    );
  });

  it.each(['utf-8', 'utf-16le', 'utf-16be', 'windows-1252', 'latin1', 'iso-8859-15', 'koi8-r'])(
    'writes text in %s as iconv does, and reads it back',
    (name) => {
      const written = name === 'koi8-r' ? 'жар' : 'naïve café';
      const text = byteTextFor(Buffer.from('a'), name);
      expect(text.toBytes(text.encodeText(written))).toEqual(encoded(name, written));
      expect(text.decodeText(text.encodeText(written))).toBe(written);
    },
  );

  it('reads a field that is not valid UTF-8 as Windows-1252, and the field beside it as UTF-8', () => {
    const text = byteTextFor(Buffer.from('a'));
    const raw = text.streamDecoder().write(Buffer.concat([Buffer.from('é,'), encoded('windows-1252', 'é – “x”')]));
    const [first = '', second = ''] = raw.split(',');
    expect([text.decodeText(first), text.decodeText(second)]).toEqual(['é', 'é – “x”']);
  });

  it('keeps the mark out of the text only where it is that of the given encoding', () => {
    const sample = Buffer.from('\ufeffID');
    expect(byteTextFor(sample, 'utf8').bomLength).toBe(3);
    expect(byteTextFor(sample, 'latin1').bomLength).toBe(0);
  });

  it.each([undefined, 'utf-8', 'windows-1252', 'koi8-r'])('gives any bytes back as they were, read as %s', (name) => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.nat(), (array, cut) => {
        const whole = Buffer.from(array);
        const text = byteTextFor(Buffer.from('a'), name);
        const decoder = text.streamDecoder();
        const at = cut % (whole.length + 1);
        const raw = decoder.write(whole.subarray(0, at)) + decoder.write(whole.subarray(at)) + decoder.end();
        expect(text.toBytes(raw)).toEqual(whole);
      }),
    );
  });

  it.each(['utf-16le', 'utf-16be'])('gives any pairs of bytes back as they were, read as %s', (name) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(), (array, cut) => {
        const whole = Buffer.from(array.subarray(0, array.length & ~1));
        const text = byteTextFor(Buffer.from('a'), name);
        const decoder = text.streamDecoder();
        const at = cut % (whole.length + 1);
        const raw = decoder.write(whole.subarray(0, at)) + decoder.write(whole.subarray(at)) + decoder.end();
        expect(text.toBytes(raw)).toEqual(whole);
      }),
    );
  });
});
