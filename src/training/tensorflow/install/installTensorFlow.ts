import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { throwIfCancelled } from '../../../core/cancellation.ts';
import { UserError, type UserErrorCode } from '../../../core/userError.ts';
import { diskFailure } from '../../../download/diskFailure.ts';
import { type DownloadWorld, realWorld } from '../../../download/downloadWorld.ts';
import { checkFreeSpace } from '../../../download/freeSpace.ts';
import { KNOWN_ARCHIVES, type KnownArchives } from './archives.ts';
import {
  FORMAT_VERSION,
  findTensorFlow,
  INSTALLATION_FILE,
  type InstallationRecord,
  type TensorFlowInstallation,
  tensorFlowFolder,
} from './installation.ts';
import { InstallingFolder } from './installingFolder.ts';
import { type InstallProgress, type StepProgress, stepProgress } from './installProgress.ts';
import { type ObtainedArchive, obtainArchive, type TensorFlowSource } from './obtainArchive.ts';
import { requireTensorFlowPlatform } from './platform.ts';
import { unpackLibraries } from './unpackLibraries.ts';

/** What a part is not worth keeping after. */
const BAD_PARTS: readonly UserErrorCode[] = ['BAD_ARCHIVE', 'HASH_MISMATCH'];

export interface InstallRequest {
  /** The folder for what can be made again; see `tensorFlowFolder`. */
  readonly root: string;
  readonly source: TensorFlowSource;
  /** Install even where there is an installation that is whole. */
  readonly force?: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: InstallProgress) => void;
  /** A sentence, without its full stop, about something that went wrong and is tried again. */
  readonly onNotice?: (sentence: string) => void;
}

/** What an installation needs of the world. */
export interface InstallWorld extends DownloadWorld {
  readonly platform: string;
  readonly arch: string;
  readonly archives: KnownArchives;
}

/** What there is now. */
export interface InstallSummary {
  readonly installation: TensorFlowInstallation;
  /** False where it was there before, and nothing was done. */
  readonly isNew: boolean;
}

/**
 * Installs the native library of TensorFlow: fetches an archive or takes one that is here, checks its hash, and unpacks the two
 * libraries of it. The installation is there whole or not at all, and an old one stays until then; a download that stopped is
 * gone on with by the next.
 * @throws UserError ENGINE_NOT_INSTALLED where there is no TensorFlow for this machine; BAD_ARGUMENT, BAD_ARCHIVE, UNKNOWN_ARCHIVE,
 * FILE_NOT_FOUND, HASH_MISMATCH, NETWORK_FAILED, PIP_FAILED, IO_ERROR, CANCELLED
 */
export async function installTensorFlow(
  request: InstallRequest,
  world: InstallWorld = installWorld(),
): Promise<InstallSummary> {
  const { root, source, force = false, signal, onProgress, onNotice = () => {} } = request;
  throwIfCancelled(signal);
  requireTensorFlowPlatform(world.platform, world.arch);
  const earlier = force ? undefined : await findTensorFlow(root);
  if (earlier !== undefined) return { installation: earlier, isNew: false };
  const part = source.kind === 'upstream' || source.kind === 'mirror' ? world.archives.upstream.sha256 : undefined;
  try {
    const folder = await InstallingFolder.take(root, part);
    let keptPart = part;
    try {
      const archive = await obtainArchive(
        { source, folder: folder.path, signal, onProgress, onNotice },
        world.archives,
        world,
      );
      const report = stepProgress(onProgress, 'unpacking', archive.shareBefore, 1);
      const record = await unpack(archive, folder, { signal, report, nowMs: world.nowMs });
      throwIfCancelled(signal);
      await folder.publish();
      keptPart = undefined;
      return { installation: { ...record, folder: tensorFlowFolder(root) }, isNew: true };
    } catch (error) {
      if (error instanceof UserError && BAD_PARTS.includes(error.code)) keptPart = undefined;
      throw error;
    } finally {
      await folder.release(keptPart);
    }
  } catch (error) {
    throw diskFailure(error, tensorFlowFolder(root), 'install TensorFlow again');
  }
}

interface UnpackingContext {
  readonly signal: AbortSignal;
  readonly report: StepProgress;
  readonly nowMs: () => number;
}

/** Unpacks an archive, and says beside it what it is. */
async function unpack(
  { path: file, fileName, source, sha256, version: knownVersion }: ObtainedArchive,
  folder: InstallingFolder,
  { signal, report, nowMs }: UnpackingContext,
): Promise<InstallationRecord> {
  let [doneBytes, totalBytes] = [0, 0];
  const unpacked = await unpackLibraries(file, fileName, {
    folder: folder.unpacked,
    signal,
    onSize: async (sizeBytes) => {
      totalBytes = sizeBytes;
      await checkFreeSpace(folder.unpacked, sizeBytes, 'The installation');
    },
    onBytes: (bytes) => {
      doneBytes += bytes;
      report(doneBytes, totalBytes);
    },
  });
  const version = knownVersion ?? unpacked.version ?? /-(\d+\.\d+\.\d+[\w.]*?)(?:-|\.tar|\.tgz)/.exec(fileName)?.[1];
  if (version === undefined) {
    throw new UserError(
      'BAD_ARCHIVE',
      `${fileName} says nowhere which version of TensorFlow it is: give it the name back under which it was published.`,
    );
  }
  const installedAt = new Date(nowMs()).toISOString();
  const record = {
    formatVersion: FORMAT_VERSION,
    version,
    source,
    archiveSha256: sha256,
    files: unpacked.files,
    installedAt,
  } as const;
  await writeFile(path.join(folder.unpacked, INSTALLATION_FILE), `${JSON.stringify(record, undefined, 2)}\n`);
  return record;
}

function installWorld(): InstallWorld {
  return { ...realWorld(), platform: process.platform, arch: process.arch, archives: KNOWN_ARCHIVES };
}
