/** A file that the native library of TensorFlow is taken from. */
export interface KnownArchive {
  /** Of TensorFlow. */
  readonly version: string;
  readonly fileName: string;
  /** Of the file, in hexadecimal. */
  readonly sha256: string;
}

/** The files that Caselight vouches for. */
export interface KnownArchives {
  /** What is downloaded, from `baseUrl` or from a mirror. */
  readonly upstream: KnownArchive & { readonly baseUrl: string };
  /** What Python's package index has: its wheel holds the same library, newer. */
  readonly wheel: KnownArchive;
}

export const KNOWN_ARCHIVES: KnownArchives = {
  upstream: {
    version: '2.9.1',
    baseUrl: 'https://storage.googleapis.com/tensorflow/libtensorflow',
    fileName: 'libtensorflow-cpu-linux-x86_64-2.9.1.tar.gz',
    sha256: '7f510d2546e3db5e10b1d119463689003d587842892ad3c95bca51cf82820173',
  },
  wheel: {
    version: '2.21.0',
    fileName: 'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
    sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
  },
};

/** @returns what a file is by its SHA-256, whatever it is called; undefined where it is not known */
export function knownArchive(sha256: string, { upstream, wheel }: KnownArchives): KnownArchive | undefined {
  return [upstream, wheel].find((each) => each.sha256 === sha256);
}
