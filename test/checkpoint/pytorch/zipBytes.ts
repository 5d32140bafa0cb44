import { deflateRawSync } from 'node:zlib';

/** One file in an archive. */
export interface ZipMember {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly deflate?: boolean;
  /** Puts sizes and offset into a ZIP64 field. */
  readonly wide?: boolean;
  /** Replaces what the central directory would say. */
  readonly claim?: {
    readonly method?: number;
    readonly flags?: number;
    readonly size?: number;
    readonly offset?: number;
  };
}

/** The bytes of a zip archive; checksums are left out. `entryCount` replaces the number of entries that it tells. */
export function zipBytes(members: readonly ZipMember[], { entryCount = members.length, comment = '' } = {}): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const member of members) {
    const data = member.deflate ? deflateRawSync(member.bytes) : Buffer.from(member.bytes);
    const local = Buffer.concat([localHeader(member, data.length), data]);
    directory.push(directoryEntry(member, data.length, offset));
    locals.push(local);
    offset += local.length;
  }
  const entries = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entryCount, 8);
  end.writeUInt16LE(entryCount, 10);
  end.writeUInt32LE(entries.length, 12);
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...locals, entries, end, Buffer.from(comment)]);
}

function localHeader({ name, bytes, deflate }: ZipMember, packedSize: number): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(deflate ? 8 : 0, 8);
  header.writeUInt32LE(packedSize, 18);
  header.writeUInt32LE(bytes.length, 22);
  header.writeUInt16LE(Buffer.byteLength(name), 26);
  return Buffer.concat([header, Buffer.from(name)]);
}

function directoryEntry({ name, bytes, deflate, wide, claim = {} }: ZipMember, packed: number, at: number): Buffer {
  const { method = deflate ? 8 : 0, flags = 0, size = bytes.length, offset = at } = claim;
  const extra = wide ? wideField([size, packed, offset]) : Buffer.alloc(0);
  const entry = Buffer.alloc(46);
  entry.writeUInt32LE(0x02014b50, 0);
  entry.writeUInt16LE(flags, 8);
  entry.writeUInt16LE(method, 10);
  entry.writeUInt32LE(wide ? 0xffffffff : packed, 20);
  entry.writeUInt32LE(wide ? 0xffffffff : size, 24);
  entry.writeUInt16LE(Buffer.byteLength(name), 28);
  entry.writeUInt16LE(extra.length, 30);
  entry.writeUInt32LE(wide ? 0xffffffff : offset, 42);
  return Buffer.concat([entry, Buffer.from(name), extra]);
}

/** The ZIP64 field after one of another kind. */
function wideField(values: readonly number[]): Buffer {
  const field = Buffer.alloc(6 + 4 + 8 * values.length);
  field.writeUInt16LE(0x5455, 0);
  field.writeUInt16LE(2, 2);
  field.writeUInt16LE(1, 6);
  field.writeUInt16LE(8 * values.length, 8);
  for (const [index, value] of values.entries()) field.writeBigUInt64LE(BigInt(value), 10 + 8 * index);
  return field;
}
