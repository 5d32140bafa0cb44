import path from 'node:path';
import { CheckpointFile } from '../checkpointFile.ts';
import { damagedFile, shownName, unsafeFile } from '../checkpointRefusals.ts';

/** A tensor's elements in a file of their own beside the model. Source: onnx/docs/ExternalData.md */
export interface ExternalData {
  /** Path relative to the folder of the model, with forward slashes, that does not lead out of it. */
  readonly location: string;
  /** In bytes. */
  readonly offset: number;
  /** In bytes; undefined if the model does not say it. */
  readonly length: number | undefined;
}

/**
 * Checks what a model says about external data.
 * @param fileName base name of the model
 * @throws UserError BAD_CHECKPOINT, also for a path that leads out of the model's folder
 */
export function parseExternalData(fileName: string, entries: ReadonlyMap<string, string>): ExternalData {
  const location = entries.get('location') ?? '';
  const levels = location.split('/');
  if (location === '' || levels.some((level) => level === '..' || /[\\:\0]/.test(level)) || location.startsWith('/')) {
    throw unsafeFile(fileName, `asks for the file ${shownName(location)}, which does not lie beside it`);
  }
  const bytes = (key: string): number | undefined => {
    const text = entries.get(key);
    if (text === undefined) return undefined;
    if (/^\d{1,15}$/.test(text)) return Number(text);
    throw damagedFile(fileName, `the ${key} of its external data is no number`);
  };
  return { location, offset: bytes('offset') ?? 0, length: bytes('length') };
}

/**
 * Reads elements beside a model. Symbolic links are followed: the cache of Hugging Face's hub consists of them.
 * @param modelPath path of the model
 * @throws UserError FILE_NOT_FOUND, IO_ERROR, or BAD_CHECKPOINT for a file that is too short
 */
export async function readExternalData(
  modelPath: string,
  { location, offset }: ExternalData,
  sizeBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const file = await CheckpointFile.open(path.join(path.dirname(modelPath), location));
  try {
    if (offset + sizeBytes > file.size) {
      throw damagedFile(file.name, `it ends after ${file.size} bytes but a tensor needs ${offset + sizeBytes}`);
    }
    return await file.read(offset, sizeBytes);
  } finally {
    await file.close();
  }
}

/**
 * Checks that every file with external data is there and long enough, so that a missing one is told before the work begins.
 * @throws UserError as `readExternalData`
 */
export async function checkExternalData(
  modelPath: string,
  tensors: Iterable<{ readonly external: ExternalData; readonly sizeBytes: number }>,
): Promise<void> {
  const sizes = new Map<string, number>();
  for (const { external, sizeBytes } of tensors) {
    sizes.set(external.location, Math.max(sizes.get(external.location) ?? 0, external.offset + sizeBytes));
  }
  for (const [location, size] of sizes) {
    await readExternalData(modelPath, { location, offset: size, length: undefined }, 0);
  }
}
