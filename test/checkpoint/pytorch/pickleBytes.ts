import { Opcode } from '../../../src/checkpoint/pytorch/pickleOpcodes.ts';

/** Bytes of a pickle: instructions by number or by their ASCII text, and arguments as they lie in the file. */
export type PicklePart = number | string | Uint8Array | readonly PicklePart[];

/** The bytes of the parts in a row; a string is Latin-1. */
export function bytesOf(...parts: readonly PicklePart[]): Uint8Array {
  return Buffer.concat(
    parts.map((part) => {
      if (typeof part === 'number') return Uint8Array.of(part);
      if (typeof part === 'string') return Buffer.from(part, 'latin1');
      return part instanceof Uint8Array ? part : bytesOf(...part);
    }),
  );
}

/** A pickle of protocol 2 whose value the parts leave on the stack. */
export function pickleOf(...parts: readonly PicklePart[]): Uint8Array {
  return bytesOf([Opcode.PROTO, 2], ...parts, Opcode.STOP);
}

/** A length or an integer of 4 bytes. */
export function int32Bytes(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value | 0);
  return bytes;
}

/** A string. */
export function text(value: string): Uint8Array {
  const utf8 = Buffer.from(value);
  return bytesOf(Opcode.BINUNICODE, int32Bytes(utf8.length), utf8);
}

/** A class or function by name. */
export function global(module: string, name: string): Uint8Array {
  return bytesOf(Opcode.GLOBAL, `${module}\n${name}\n`);
}

/** A tuple; numbers among its items are integers of 32 bits. */
export function tuple(...items: readonly (number | Uint8Array)[]): Uint8Array {
  return bytesOf(Opcode.MARK, ...items.map(itemBytes), Opcode.TUPLE);
}

/** A list, likewise. */
export function list(...items: readonly (number | Uint8Array)[]): Uint8Array {
  return bytesOf(Opcode.EMPTY_LIST, Opcode.MARK, ...items.map(itemBytes), Opcode.APPENDS);
}

/** A dict with strings for keys. */
export function dict(entries: Readonly<Record<string, number | Uint8Array>>): Uint8Array {
  const pairs = Object.entries(entries).map(([key, value]) => [text(key), itemBytes(value)]);
  return bytesOf(Opcode.EMPTY_DICT, Opcode.MARK, ...pairs, Opcode.SETITEMS);
}

/** A call of a function with a tuple of arguments. */
export function call(callee: Uint8Array, ...args: readonly (number | Uint8Array)[]): Uint8Array {
  return bytesOf(callee, tuple(...args), Opcode.REDUCE);
}

/** None. */
export const none = bytesOf(Opcode.NONE);

function itemBytes(item: number | Uint8Array): Uint8Array {
  return typeof item === 'number' ? bytesOf(Opcode.BININT, int32Bytes(item)) : item;
}
