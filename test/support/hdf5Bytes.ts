import { randomUUID } from 'node:crypto';

/** What to write under a path: the elements, their shape, and a type other than float32. */
export interface Hdf5Values {
  readonly values: Float32Array | Float64Array | Int32Array;
  readonly shape: readonly number[];
  readonly compressed?: boolean;
}

/** The bytes of an HDF5 file with these datasets by path, `/group/.../name`, and links from path to path. */
export async function hdf5Bytes(
  datasets: Readonly<Record<string, Hdf5Values>>,
  hardLinks: Readonly<Record<string, string>> = {},
): Promise<Uint8Array> {
  const { ready, File } = await import('h5wasm');
  const { FS } = await ready;
  const name = `/${randomUUID()}`;
  const file = new File(name, 'w');
  for (const [path, { values, shape, compressed }] of Object.entries(datasets)) {
    makeGroups(file, path);
    file.create_dataset({
      name: path,
      data: values,
      shape: [...shape],
      ...(compressed ? { chunks: [...shape], compression: 'gzip' as const } : {}),
    });
  }
  for (const [path, target] of Object.entries(hardLinks)) file.create_hard_link(target, path);
  file.close();
  const bytes = FS.readFile(name, { encoding: 'binary' });
  FS.unlink(name);
  return bytes;
}

function makeGroups(file: { get(path: string): unknown; create_group(path: string): unknown }, path: string): void {
  const levels = path.split('/').slice(1, -1);
  for (let depth = 1; depth <= levels.length; depth++) {
    const group = `/${levels.slice(0, depth).join('/')}`;
    if (file.get(group) === null) file.create_group(group);
  }
}
