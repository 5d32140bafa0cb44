import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { create } from 'tar';
import { Header } from 'tar/header';
import type { KnownArchives } from '../../src/training/tensorflow/install/archives.ts';

/** Bytes that do not get smaller when they are packed. */
const bytesOf = (text: string, outputLength: number) => createHash('shake256', { outputLength }).update(text).digest();

/** What stands for the two libraries. */
export const LIBRARY = bytesOf('library', 200_000);
export const FRAMEWORK = bytesOf('framework', 50_000);
/** What an installation of them holds. */
export const INSTALLED: Readonly<Record<string, Buffer>> = {
  'libtensorflow.so.2': LIBRARY,
  'libtensorflow_framework.so.2': FRAMEWORK,
};

export const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** An archive as upstream makes it: names with versions, links to them, and much else. */
export async function upstreamArchive(version = '2.9.1'): Promise<Buffer> {
  const folder = mkdtempSync(path.join(tmpdir(), 'caselight-archive-'));
  const lib = path.join(folder, 'lib');
  for (const each of ['lib', 'include/tensorflow/c']) mkdirSync(path.join(folder, each), { recursive: true });
  writeFileSync(path.join(folder, 'LICENSE'), 'Apache License');
  writeFileSync(path.join(folder, 'include/tensorflow/c/c_api.h'), '#include <stddef.h>');
  const [major = ''] = version.split('.');
  for (const [name, bytes] of [
    ['libtensorflow', LIBRARY],
    ['libtensorflow_framework', FRAMEWORK],
  ] as const) {
    writeFileSync(path.join(lib, `${name}.so.${version}`), bytes);
    symlinkSync(`${name}.so.${version}`, path.join(lib, `${name}.so.${major}`));
    symlinkSync(`${name}.so.${major}`, path.join(lib, `${name}.so`));
  }
  const file = path.join(folder, 'archive.tar.gz');
  await create({ gzip: true, cwd: folder, file }, ['./LICENSE', './include', './lib']);
  const bytes = readFileSync(file);
  rmSync(folder, { recursive: true });
  return bytes;
}

/** An entry of an archive that no tar would make. */
export interface TarEntry {
  readonly path: string;
  readonly content?: Buffer;
  readonly type?: 'File' | 'SymbolicLink' | 'Link';
  readonly linkpath?: string;
}

/** A .tar.gz of entries as they are given, in their order. */
export function tarGz(entries: readonly TarEntry[]): Buffer {
  const blocks = entries.flatMap(({ path: name, content = Buffer.alloc(0), type = 'File', linkpath }) => {
    const header = new Header({ path: name, type, size: content.length, mode: 0o644, ...(linkpath && { linkpath }) });
    const head = Buffer.alloc(512);
    header.encode(head, 0);
    return [head, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

/** A wheel of `tensorflow-cpu`, in small. */
export function wheel(change: Readonly<Record<string, Buffer | undefined>> = {}): Buffer {
  return zip({
    'tensorflow/__init__.py': Buffer.from('# never run'),
    'tensorflow/libtensorflow_cc.so.2': LIBRARY,
    'tensorflow/libtensorflow_framework.so.2': FRAMEWORK,
    'tensorflow_cpu-2.21.0.dist-info/METADATA': Buffer.from(
      'Metadata-Version: 2.4\nName: tensorflow_cpu\nVersion: 2.21.0\n',
    ),
    ...change,
  });
}

/** A zip archive of files, deflated. Source: PKWARE APPNOTE, 4.3 */
export function zip(files: Readonly<Record<string, Buffer | undefined>>): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(files)) {
    if (content === undefined) continue;
    const packed = deflateRawSync(content);
    // Version, flags, method, time, date, checksum, sizes, length of the name, nothing extra.
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    const where = Buffer.alloc(14);
    where.writeUInt32LE(offset, 10);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name), packed]);
    directory.push(Buffer.from('PK\x01\x02\x14\x00'), common, where, Buffer.from(name));
    parts.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  const count = parts.length;
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, central, end]);
}

/** The checksum of zip archives, bit by bit. */
function crc32(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** A table of what is known in which both files are ours. */
export function knownArchives(upstream: Buffer, ofPip: Buffer = wheel()): KnownArchives {
  return {
    upstream: {
      version: '2.9.1',
      baseUrl: 'http://127.0.0.1:1',
      fileName: 'libtensorflow-cpu-linux-x86_64-2.9.1.tar.gz',
      sha256: sha256(upstream),
    },
    wheel: {
      version: '2.21.0',
      fileName: 'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
      sha256: sha256(ofPip),
    },
  };
}
