import { damagedFile } from '../checkpointRefusals.ts';
import { Opcode } from './pickleOpcodes.ts';
import type { PickleReader } from './pickleReader.ts';
import type { PickleValue } from './pickleValue.ts';

/** Longest integer in bytes or digits. The longest that a checkpoint holds is its magic number, of ten bytes. */
const MAX_INTEGER_LENGTH = 1024;

/**
 * The value of an instruction that stands for a plain value; undefined for every other instruction.
 * @throws UserError BAD_CHECKPOINT for a literal that Python would not take either, or that is too long
 */
export function readLiteral(opcode: number, reader: PickleReader, fileName: string): PickleValue | undefined {
  switch (opcode) {
    case Opcode.NONE:
      return null;
    case Opcode.NEWTRUE:
      return true;
    case Opcode.NEWFALSE:
      return false;
    case Opcode.BININT:
      return reader.int32();
    case Opcode.BININT1:
      return reader.uint8();
    case Opcode.BININT2:
      return reader.uint16();
    case Opcode.INT:
    case Opcode.LONG:
      return parseInteger(reader.line(), opcode, fileName);
    case Opcode.LONG1:
      return littleEndianInteger(reader, reader.uint8(), fileName);
    case Opcode.LONG4:
      return littleEndianInteger(reader, reader.uint32(), fileName);
    case Opcode.FLOAT:
      return parseFloatLine(reader.line(), fileName);
    case Opcode.BINFLOAT:
      return reader.float64();
    case Opcode.STRING:
      return unquoted(reader.line(), fileName);
    case Opcode.UNICODE:
      return rawUnicode(reader.lineBytes());
    // Python 2 wrote its byte strings so, names of tensors among them: torch.load takes them for UTF-8 as well.
    case Opcode.SHORT_BINSTRING:
    case Opcode.SHORT_BINUNICODE:
      return reader.text(reader.uint8());
    case Opcode.BINSTRING:
    case Opcode.BINUNICODE:
      return reader.text(reader.uint32());
    case Opcode.BINUNICODE8:
      return reader.text(reader.uint64());
    case Opcode.SHORT_BINBYTES:
      return { kind: 'bytes', bytes: reader.take(reader.uint8()) };
    case Opcode.BINBYTES:
      return { kind: 'bytes', bytes: reader.take(reader.uint32()) };
    case Opcode.BINBYTES8:
    case Opcode.BYTEARRAY8:
      return { kind: 'bytes', bytes: reader.take(reader.uint64()) };
    default:
      return undefined;
  }
}

function parseInteger(line: string, opcode: number, fileName: string): PickleValue {
  // Protocol 0 writes the booleans as integers with a leading zero.
  if (opcode === Opcode.INT && (line === '00' || line === '01')) return line === '01';
  const digits = /^-?\d+(?=L?$)/.exec(line.length > MAX_INTEGER_LENGTH ? '' : line)?.[0];
  if (digits === undefined) throw damagedFile(fileName, 'an integer of its pickle is none');
  return narrowed(BigInt(digits));
}

/** Two's complement; no bytes at all are zero. */
function littleEndianInteger(reader: PickleReader, length: number, fileName: string): PickleValue {
  if (length > MAX_INTEGER_LENGTH) throw damagedFile(fileName, `an integer of its pickle has ${length} bytes`);
  const hex = Buffer.from(reader.take(length)).reverse().toString('hex');
  return narrowed(BigInt.asIntN(8 * length, BigInt(`0x0${hex}`)));
}

function narrowed(integer: bigint): number | bigint {
  const number = Number(integer);
  return Number.isSafeInteger(number) ? number : integer;
}

function parseFloatLine(line: string, fileName: string): number {
  const special = new Map([
    ['inf', Number.POSITIVE_INFINITY],
    ['-inf', Number.NEGATIVE_INFINITY],
    ['nan', Number.NaN],
  ]).get(line);
  if (special !== undefined) return special;
  const number = line.trim() === '' ? Number.NaN : Number(line);
  if (Number.isNaN(number)) throw damagedFile(fileName, 'a number of its pickle is none');
  return number;
}

function unquoted(line: string, fileName: string): string {
  const text = /^(['"])([^\\]*)\1$/s.exec(line)?.[2];
  if (text === undefined) throw damagedFile(fileName, 'a string of its pickle has no quotes or has escapes');
  return text;
}

/** Python's raw-unicode-escape: Latin-1 with `\uXXXX` for the rest. */
function rawUnicode(line: Uint8Array): string {
  return Buffer.from(line)
    .toString('latin1')
    .replaceAll(/\\u([0-9a-fA-F]{4})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
