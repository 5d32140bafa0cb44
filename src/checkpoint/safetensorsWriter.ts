import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { throwIfCancelled } from '../core/cancellation.ts';
import { floatToHalf } from './halfPrecision.ts';
import { elementBytes } from './tensorElements.ts';
import type { TensorSource } from './tensorSource.ts';

/** Written, and hashed meanwhile, in one step: small enough to stop soon, large enough to cost nothing. */
const CHUNK_BYTES = 4 << 20;
/** The data of a safetensors file starts at a multiple of it. */
const ALIGNMENT_BYTES = 8;

/** How to write, and whom to tell. */
export interface SafetensorsWriteOptions {
  readonly signal?: AbortSignal;
  /** Called as bytes are written, the header included. */
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void;
}

/** What was written. */
export interface WrittenFile {
  readonly sizeBytes: number;
  /** Of the whole file, in hexadecimal. */
  readonly sha256: string;
}

/** The type in which a tensor is written: half precision stays as it is, everything else becomes float32. */
export function writtenDataType(source: TensorSource, name: string): 'F32' | 'F16' {
  return source.dtype(name) === 'F16' ? 'F16' : 'F32';
}

/**
 * Writes all tensors of a checkpoint into a new safetensors file and flushes it to the disk. Holds one tensor at a time in
 * memory. Source of the format: https://huggingface.co/docs/safetensors#format
 * @throws UserError CANCELLED, or what `source` throws; system errors as they are. What was written so far is left.
 */
export async function writeSafetensors(
  file: string,
  source: TensorSource,
  { signal, onProgress }: SafetensorsWriteOptions = {},
): Promise<WrittenFile> {
  const { names, header, sizeBytes } = layOut(source);
  const handle = await open(file, 'wx');
  try {
    const hash = createHash('sha256');
    let done = 0;
    const put = async (bytes: Uint8Array) => {
      for (let start = 0; start < bytes.length; start += CHUNK_BYTES) {
        throwIfCancelled(signal);
        const chunk = bytes.subarray(start, start + CHUNK_BYTES);
        // The disk works on a thread of its own while this one hashes.
        const writing = writeWhole(handle, chunk);
        hash.update(chunk);
        await writing;
        done += chunk.length;
        onProgress?.(done, sizeBytes);
      }
    };
    await put(header);
    for (const name of names) {
      throwIfCancelled(signal);
      await put(await elementsOf(source, name));
    }
    if (done !== sizeBytes) throw new Error(`${done} bytes of tensors where the header promises ${sizeBytes}`);
    await handle.sync();
    return { sizeBytes, sha256: hash.digest('hex') };
  } finally {
    await handle.close();
  }
}

function layOut(source: TensorSource): { names: readonly string[]; header: Uint8Array; sizeBytes: number } {
  // Wide elements first, so that every tensor lies at a multiple of its element's size.
  const names = source
    .names()
    .toSorted((a, b) => elementBytes[writtenDataType(source, b)] - elementBytes[writtenDataType(source, a)]);
  const entries: [string, object][] = [['__metadata__', { format: 'pt' }]];
  let end = 0;
  for (const name of names) {
    const dtype = writtenDataType(source, name);
    const shape = source.shape(name);
    const begin = end;
    end += shape.reduce((product, size) => product * size, elementBytes[dtype]);
    entries.push([name, { dtype, shape, data_offsets: [begin, end] }]);
  }
  const json = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Math.ceil(json.length / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
  const header = Buffer.alloc(8 + length, ' ');
  header.writeBigUInt64LE(BigInt(length));
  json.copy(header, 8);
  return { names, header, sizeBytes: header.length + end };
}

async function elementsOf(source: TensorSource, name: string): Promise<Uint8Array> {
  const floats = await source.read(name);
  // Exact: these floats were half precision before.
  const elements = writtenDataType(source, name) === 'F16' ? floatToHalf(floats) : floats;
  return new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength);
}

async function writeWhole(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) done += (await handle.write(bytes, done)).bytesWritten;
}
