const STANDARD_ERROR = 2;

/** An open stream of Emscripten's file system, as far as it is used here. */
export interface EmscriptenStream {
  readonly position: number;
  stream_ops: EmscriptenStreamOperations;
}

/** What a stream can do; positions, offsets and lengths in bytes. */
export interface EmscriptenStreamOperations {
  llseek(stream: EmscriptenStream, offset: number, whence: number): number;
  read(stream: EmscriptenStream, buffer: Int8Array, offset: number, length: number, position: number): number;
  write(stream: EmscriptenStream, buffer: Int8Array, offset: number, length: number): number;
}

/** A file of Emscripten's file system. */
export interface EmscriptenNode {
  node_ops: { getattr(node: EmscriptenNode): { size: number } };
  stream_ops: EmscriptenStreamOperations;
}

/** The part that h5wasm's types leave open of https://emscripten.org/docs/api_reference/Filesystem-API.html. */
export interface EmscriptenFileSystem {
  createFile(parent: string, name: string, properties: object, canRead: boolean, canWrite: boolean): EmscriptenNode;
  getStream(descriptor: number): EmscriptenStream | null;
  unlink(path: string): void;
  readonly ErrnoError: new (errno: number) => Error;
}

/** h5wasm's binding of the C functions of HDF5; paths are those of the library's own file system. */
export type Hdf5Functions = Awaited<typeof import('h5wasm')['ready']>;

/** The HDF5 library with a file system of its own, which holds nothing but the files that a `Hdf5HostFile` puts there. */
export interface Hdf5Library {
  readonly functions: Hdf5Functions;
  readonly files: EmscriptenFileSystem;
}

/**
 * Loads HDF5 as WebAssembly, about 0.1 s and 19 MB for the first time in a process: call it only when there is a file to open.
 *
 * It is h5wasm's build for browsers on purpose. The one for Node shows the C library all files of this machine, and an HDF5
 * file may name other files to take its data from; besides, it needs `import.meta.url`, which a CommonJS bundle lacks.
 */
export async function loadHdf5(): Promise<Hdf5Library> {
  const { ready } = await import('h5wasm');
  const functions = await ready;
  const files = functions.FS as unknown as EmscriptenFileSystem;
  const standardError = files.getStream(STANDARD_ERROR);
  if (standardError !== null) {
    // The C library prints every error with its stack there; callers get an error of ours instead.
    standardError.stream_ops = { ...standardError.stream_ops, write: (_stream, _buffer, _offset, length) => length };
  }
  return { functions, files };
}
