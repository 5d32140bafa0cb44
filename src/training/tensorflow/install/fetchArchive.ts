import { UserError } from '../../../core/userError.ts';
import { baseAddress } from '../../../download/baseAddress.ts';
import type { DownloadWorld } from '../../../download/downloadWorld.ts';
import { fetchPart } from '../../../download/fetchPart.ts';
import { FilePart } from '../../../download/filePart.ts';
import { checkFreeSpace } from '../../../download/freeSpace.ts';
import { HttpClient } from '../../../download/httpClient.ts';
import { Retries } from '../../../download/retries.ts';
import { archiveService } from './archiveService.ts';
import type { KnownArchive } from './archives.ts';
import type { StepProgress } from './installProgress.ts';

/** What both libraries come to at most, unpacked. */
export const UNPACKED_BYTES = 900_000_000;

export interface FetchArchiveOptions {
  /** Of the folder that the archive lies in, as `mirrorAddress` gives it. */
  readonly baseUrl: string;
  readonly isMirror: boolean;
  /** Where the part gathers. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly onProgress: StepProgress;
  /** A sentence, without its full stop, about something that went wrong and is tried again. */
  readonly onNotice: (sentence: string) => void;
}

/** Checks the address of a mirror, without a slash at its end. @throws UserError BAD_ARGUMENT */
export function mirrorAddress(text: string): string {
  return baseAddress(
    text,
    (finding) =>
      new UserError(
        'BAD_ARGUMENT',
        `The mirror of TensorFlow ${finding}: give the address of the folder that the archive lies in, with --mirror or the setting caselight.tensorflow.mirror.`,
      ),
  );
}

/**
 * Fetches an archive, from where an earlier run stopped, and checks its hash.
 * @returns its path
 * @throws UserError NETWORK_FAILED, HASH_MISMATCH, IO_ERROR, CANCELLED
 */
export async function fetchArchive(
  { fileName, sha256 }: KnownArchive,
  { baseUrl, isMirror, folder, signal, onProgress, onNotice }: FetchArchiveOptions,
  { env, sleep, nowMs, silenceMs }: DownloadWorld,
): Promise<string> {
  const client = new HttpClient(archiveService(isMirror, nowMs), { env, signal, silenceMs });
  try {
    const file = { hash: { algorithm: 'sha256' as const, hex: sha256 }, sizeBytes: undefined };
    const part = await FilePart.open(folder, file, signal);
    try {
      let totalBytes: number | undefined;
      await fetchPart(part, {
        client,
        retries: new Retries({ signal, sleep, onNotice }),
        url: `${baseUrl}/${fileName}`,
        what: fileName,
        onBytes: (receivedBytes) => onProgress(receivedBytes, totalBytes),
        onSize: async (sizeBytes) => {
          totalBytes = sizeBytes;
          await checkFreeSpace(folder, sizeBytes - part.sizeBytes + UNPACKED_BYTES, 'The installation');
        },
        saidBy: 'Caselight knows',
        mismatch: () => mismatch(fileName, new URL(baseUrl).host),
      });
    } finally {
      await part.close();
    }
    return `${part.path}.part`;
  } catch (error) {
    throw isMirror ? error : withOtherWays(error);
  } finally {
    await client.close();
  }
}

/** Many networks let no program out; whoever meets that is told what else there is. */
function withOtherWays(error: unknown): unknown {
  if (!(error instanceof UserError) || error.code !== 'NETWORK_FAILED') return error;
  const { code, message, cause } = error;
  return new UserError(code, `${message} TensorFlow can also come from a mirror, from a file or by pip.`, { cause });
}

function mismatch(fileName: string, host: string): UserError {
  return new UserError(
    'HASH_MISMATCH',
    `${fileName} came twice from ${host} with another checksum than Caselight knows, and was thrown away: something on the way, such as a proxy or a mirror, changes files. Take it from another mirror, from a file or with pip.`,
  );
}
