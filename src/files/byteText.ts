import { isUtf8 } from 'node:buffer';
import iconv from 'iconv-lite';
import { UserError } from '../core/userError.ts';

/**
 * How the bytes of a CSV file become the string that the scanner reads, and back, without losing a byte.
 *
 * A file in UTF-8, Windows-1252 or any other superset of ASCII is read one character a byte (ISO-8859-1), because all
 * that has a meaning in CSV is ASCII; only the text of a field is decoded. So records are written back exactly as they
 * were, even where single bytes are damaged or two encodings are mixed. UTF-16 is decoded as a whole.
 */
export interface ByteText {
  /** Canonical name of the encoding, e.g. `utf-8`. */
  readonly encoding: string;
  /** Bytes of the byte order mark at the start of the file, to be copied but not read. */
  readonly bomLength: number;
  /** Bytes of a UTF-16 code unit of the strings below. */
  readonly bytesPerUnit: 1 | 2;
  /** A decoder for consecutive chunks of the file after the byte order mark. */
  streamDecoder(): { write(chunk: Buffer): string; end(): string };
  /** The bytes of a string that came from `streamDecoder` or `encodeText`. */
  toBytes(raw: string): Buffer;
  /** The text that a piece of such a string stands for. */
  decodeText(raw: string): string;
  /** A piece of such a string that stands for `text`. */
  encodeText(text: string): string;
}

const ASCII = 'AZaz09 \t\r\n",;|=+-@\'';
const NON_ASCII = /[^\0-\x7f]/;

/**
 * @param sample the first bytes of the file, a few kilobytes at least where it has them
 * @param name as the user gave it; without it UTF-8 and UTF-16 are recognised, and a field that is not valid UTF-8 is
 *   read as Windows-1252
 * @throws UserError BAD_ENCODING for a name nobody knows, or of an encoding that is neither UTF-16 nor a superset of ASCII
 */
export function byteTextFor(sample: Buffer, name?: string): ByteText {
  const found = detectEncoding(sample);
  if (name === undefined) return textOf(found.encoding, found.bomLength, true);
  // The plain name leaves the byte order to the mark.
  const isOpen = /^(utf-?16|ucs-?2)$/i.test(name) && found.encoding.startsWith('utf-16');
  const encoding = isOpen ? found.encoding : canonicalName(name);
  const bomLength = encoding === found.encoding ? found.bomLength : 0;
  return textOf(encoding, bomLength, false);
}

/** UTF-8 or UTF-16 by byte order mark; UTF-16 by its zero bytes; else UTF-8 where valid, else Windows-1252. */
export function detectEncoding(sample: Buffer): { encoding: string; bomLength: number } {
  if (sample[0] === 0xef && sample[1] === 0xbb && sample[2] === 0xbf) return { encoding: 'utf-8', bomLength: 3 };
  if (sample[0] === 0xff && sample[1] === 0xfe) return { encoding: 'utf-16le', bomLength: 2 };
  if (sample[0] === 0xfe && sample[1] === 0xff) return { encoding: 'utf-16be', bomLength: 2 };
  const zeros = [0, 0];
  for (const [i, byte] of sample.subarray(0, 1024).entries()) if (byte === 0) zeros[i % 2] = (zeros[i % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  const pairs = Math.floor(Math.min(sample.length, 1024) / 2);
  if (odd > pairs * 0.4 && even < pairs * 0.1) return { encoding: 'utf-16le', bomLength: 0 };
  if (even > pairs * 0.4 && odd < pairs * 0.1) return { encoding: 'utf-16be', bomLength: 0 };
  return { encoding: isUtf8(withoutTornEnd(sample)) ? 'utf-8' : 'windows-1252', bomLength: 0 };
}

function canonicalName(name: string): string {
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  const known: Record<string, string> = {
    utf8: 'utf-8',
    utf8bom: 'utf-8',
    utf16: 'utf-16le',
    utf16le: 'utf-16le',
    utf16be: 'utf-16be',
    ucs2: 'utf-16le',
    cp1252: 'windows-1252',
    windows1252: 'windows-1252',
  };
  const canonical = known[plain] ?? (keepsAscii(name) ? name : undefined);
  if (canonical === undefined) {
    throw new UserError(
      'BAD_ENCODING',
      `The encoding "${name}" is not known or not a superset of ASCII: use utf-8, utf-16le, utf-16be, windows-1252 or another name that iconv knows, or leave --encoding out to have it detected.`,
    );
  }
  return canonical;
}

/** Whether iconv knows an encoding in which all that has a meaning in CSV is one byte, the one it is in ASCII. */
function keepsAscii(name: string): boolean {
  return iconv.encodingExists(name) && iconv.encode(ASCII, name).equals(Buffer.from(ASCII));
}

function textOf(encoding: string, bomLength: number, perField: boolean): ByteText {
  if (encoding.startsWith('utf-16')) return wideText(encoding, bomLength);
  const decodeBytes = (bytes: Buffer): string => {
    if (!perField) return iconv.decode(bytes, encoding, { stripBOM: false });
    return isUtf8(bytes) ? bytes.toString('utf8') : iconv.decode(bytes, 'windows-1252');
  };
  return {
    encoding,
    bomLength,
    bytesPerUnit: 1,
    streamDecoder: () => ({ write: (chunk) => chunk.toString('latin1'), end: () => '' }),
    toBytes: (raw) => Buffer.from(raw, 'latin1'),
    decodeText: (raw) => (NON_ASCII.test(raw) ? decodeBytes(Buffer.from(raw, 'latin1')) : raw),
    encodeText: (text) => (NON_ASCII.test(text) ? iconv.encode(text, encoding).toString('latin1') : text),
  };
}

function wideText(encoding: string, bomLength: number): ByteText {
  return {
    encoding,
    bomLength,
    bytesPerUnit: 2,
    streamDecoder: () => {
      const decoder = iconv.getDecoder(encoding, { stripBOM: false });
      return { write: (chunk) => decoder.write(chunk), end: () => decoder.end() ?? '' };
    },
    toBytes: (raw) => iconv.encode(raw, encoding, { addBOM: false }),
    decodeText: (raw) => raw,
    encodeText: (text) => text,
  };
}

/** Leaves out a character of UTF-8 that the end of the sample may have cut. */
function withoutTornEnd(sample: Buffer): Buffer {
  for (let back = 1; back <= Math.min(3, sample.length); back++) {
    const byte = sample[sample.length - back] ?? 0;
    if (byte >= 0xc0) return sample.subarray(0, sample.length - back);
    if (byte < 0x80) break;
  }
  return sample;
}
