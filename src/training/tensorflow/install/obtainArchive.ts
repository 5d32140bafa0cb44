import path from 'node:path';
import { UserError } from '../../../core/userError.ts';
import type { DownloadWorld } from '../../../download/downloadWorld.ts';
import { checkFreeSpace } from '../../../download/freeSpace.ts';
import type { KnownArchive, KnownArchives } from './archives.ts';
import { fetchArchive, mirrorAddress, UNPACKED_BYTES } from './fetchArchive.ts';
import { type InstallProgress, stepProgress } from './installProgress.ts';
import { archiveSha256, type CheckedArchive, checkArchive } from './localArchive.ts';
import { pipDownload } from './pipDownload.ts';

/** Room for a wheel of `tensorflow-cpu`. */
const WHEEL_BYTES = 300_000_000;

/** Where TensorFlow is taken from. */
export type TensorFlowSource =
  | { readonly kind: 'upstream' }
  /** `baseUrl`: of the folder that the archive lies in, under its own name. */
  | { readonly kind: 'mirror'; readonly baseUrl: string }
  /** `sha256`: what a person says that its hash is, for a file that Caselight does not know. */
  | { readonly kind: 'file'; readonly path: string; readonly sha256?: string }
  /** Fetched by the user's Python, from the index that it is set up for. */
  | { readonly kind: 'pip' };

export interface ObtainOptions {
  readonly source: TensorFlowSource;
  /** Where what is fetched goes. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: InstallProgress) => void;
  /** A sentence, without its full stop, about something that went wrong and is tried again. */
  readonly onNotice: (sentence: string) => void;
}

/** An archive that is here and that may be unpacked. */
export interface ObtainedArchive extends CheckedArchive {
  readonly path: string;
  /** What it is called in messages, and where its version may stand. */
  readonly fileName: string;
  readonly source: string;
  /** Of the whole installation, 0 to 1. */
  readonly shareBefore: number;
}

/**
 * Gets an archive to this machine and checks its hash.
 * @throws UserError BAD_ARGUMENT, UNKNOWN_ARCHIVE, FILE_NOT_FOUND, HASH_MISMATCH, NETWORK_FAILED, PIP_FAILED, IO_ERROR, CANCELLED
 */
export async function obtainArchive(
  { source, folder, signal, onProgress, onNotice }: ObtainOptions,
  archives: KnownArchives,
  world: DownloadWorld,
): Promise<ObtainedArchive> {
  const { upstream, wheel } = archives;
  const check = { archives, signal, onProgress: stepProgress(onProgress, 'checking the file', 0, 0.2) };
  switch (source.kind) {
    case 'upstream':
    case 'mirror': {
      const isMirror = source.kind === 'mirror';
      const baseUrl = isMirror ? mirrorAddress(source.baseUrl) : upstream.baseUrl;
      const report = stepProgress(onProgress, `fetching TensorFlow ${upstream.version}`, 0, 0.6);
      const options = { baseUrl, isMirror, folder, signal, onProgress: report, onNotice };
      const file = await fetchArchive(upstream, options, world);
      return { ...upstream, path: file, source: `${baseUrl}/${upstream.fileName}`, shareBefore: 0.6 };
    }
    case 'file': {
      const checked = await checkArchive(source.path, { ...check, sha256: source.sha256 });
      const fileName = path.basename(source.path);
      return { ...checked, path: source.path, fileName, source: fileName, shareBefore: 0.2 };
    }
    case 'pip': {
      await checkFreeSpace(folder, WHEEL_BYTES + UNPACKED_BYTES, 'The installation');
      onProgress({ message: `pip is fetching tensorflow-cpu ${wheel.version}` });
      const into = path.join(folder, 'pip');
      const file = await pipDownload({ version: wheel.version, folder: into, env: world.env, signal });
      if ((await archiveSha256(file, check)) !== wheel.sha256) throw otherWheel(wheel);
      return { ...wheel, path: file, source: `pip: ${wheel.fileName}`, shareBefore: 0.2 };
    }
  }
}

function otherWheel({ version }: KnownArchive): UserError {
  return new UserError(
    'HASH_MISMATCH',
    `pip fetched a wheel of tensorflow-cpu ${version} with another checksum than Caselight knows: the index that pip is set up for has another file. Take TensorFlow from a file or a mirror.`,
  );
}
